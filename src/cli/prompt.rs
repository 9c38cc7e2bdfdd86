//! Asking at the terminal, and reading what is piped in.

use super::print;
use anyhow::{Context, Result, bail};
use std::io::{self, BufRead, IsTerminal, Read};
use std::path::Path;

/// Bytes of a secret: more is a file given by mistake.
const LONGEST_SECRET: u64 = 1 << 20;

/// Asks whether to go on. Without a terminal it is an error that says which flag answers.
pub fn confirm(question: &str) -> Result<bool> {
    if !io::stdin().is_terminal() {
        bail!("{question} there is no terminal to ask at\nhint: answer with `--yes`");
    }
    print::ask(&format!("{question} [y/N] "));
    let answer = line()?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

/// Asks for a line of text, which is `default` if nothing is typed.
pub fn text(question: &str, default: &str) -> Result<String> {
    print::ask(&format!("{question} [{default}]: "));
    let answer = line()?;
    Ok(if answer.trim().is_empty() { default.to_owned() } else { answer.trim().to_owned() })
}

fn line() -> Result<String> {
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line).context("failed to read from the terminal")?;
    if read == 0 {
        bail!("the terminal was closed before there was an answer");
    }
    Ok(line)
}

/// A secret: typed without being shown, or piped in, where one line end at its end is left out.
pub fn secret(question: &str) -> Result<String> {
    if io::stdin().is_terminal() {
        return rpassword::prompt_password(question).context("failed to read from the terminal");
    }
    piped_secret()
}

/// A secret from standard input.
pub fn piped_secret() -> Result<String> {
    let mut text = String::new();
    let read = io::stdin().lock().take(LONGEST_SECRET + 1).read_to_string(&mut text);
    match read {
        Ok(size) if size as u64 > LONGEST_SECRET => bail!("standard input has more than {LONGEST_SECRET} bytes"),
        Ok(_) => {}
        Err(cause) if cause.kind() == io::ErrorKind::InvalidData => bail!("standard input is no UTF-8 text"),
        Err(cause) => return Err(cause).context("failed to read standard input"),
    }
    let end = text.strip_suffix('\n').map_or(text.len(), |text| text.strip_suffix('\r').unwrap_or(text).len());
    text.truncate(end);
    Ok(text)
}

/// A whole file, or standard input for `-`.
pub fn file(path: &Path) -> Result<Vec<u8>> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).context("failed to read standard input")?;
        return Ok(bytes);
    }
    std::fs::read(path).with_context(|| format!("failed to read `{}`", path.display()))
}
