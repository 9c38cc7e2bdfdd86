//! `glowplug verify`

use super::print;
use super::replay::subject::Programs;
use super::replay::{one_thread, run};
use crate::engine::Wasi;
use crate::engine::code_cache::CodeCache;
use crate::host::tape::Play;
use crate::recording::{self, FORMAT, PublicKey, Receipt};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Run a receipt's invocation again, and say whether the bill is right
#[derive(Debug, Args)]
pub struct Verify {
    /// A signed receipt (`.jws`), a receipt as JSON, or a recording, which holds one
    receipt: PathBuf,

    /// The recording of the invocation [default: REQUEST-ID.json beside the receipt]
    #[arg(long, value_name = "FILE")]
    recording: Option<PathBuf>,

    /// The server's public key, a JWK; see `GET /v1/receipt-key` of its admin API
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

/// Who vouches for a receipt.
enum Signature {
    /// Nobody.
    None,
    /// Whoever has this key.
    By(PublicKey),
}

impl Verify {
    pub fn execute(self, cache: CodeCache) -> Result<ExitCode> {
        let (receipt, signature) = read(&self.receipt)?;
        self.check_signer(&signature)?;
        let beside = self.receipt.with_file_name(format!("{}.json", receipt.request_id));
        let path = self.recording.unwrap_or(beside);
        let recording = Arc::new(recording::load(&path).with_context(
            || "the receipt's invocation cannot be run again\nhint: name its recording with `--recording FILE`",
        )?);
        if run::id(&recording) != receipt.request_id {
            bail!(
                "`{}` is the recording of the request {}, and the receipt is for {}",
                path.display(),
                run::id(&recording),
                receipt.request_id
            );
        }
        let executor = Arc::new(super::executor(cache, Wasi::Stable)?);
        let program = Programs::default().named(&executor, &recording.worker, &path)?;
        let rerun = one_thread()?.block_on(run::run(&executor, &program, &recording, Play::Exactly))?;
        let mut wrong = receipt.differences(&rerun.receipt);
        wrong.extend(rerun.played.differences);
        if wrong.is_empty() {
            print::success(&format!("the bill is right: {} fuel", print::grouped(receipt.fuel)));
            return Ok(ExitCode::SUCCESS);
        }
        print::error("the bill is not what the invocation costs");
        for line in wrong {
            print::data(&line);
        }
        Ok(ExitCode::FAILURE)
    }

    fn check_signer(&self, signature: &Signature) -> Result<()> {
        let expected = match &self.key {
            Some(path) => {
                let text = std::fs::read(path).with_context(|| format!("failed to read `{}`", path.display()))?;
                Some(serde_json::from_slice::<PublicKey>(&text).context("the key is no JSON Web Key")?)
            }
            None => None,
        };
        match (signature, expected) {
            (Signature::By(key), Some(expected)) if *key != expected => bail!("the receipt is signed with another key"),
            (Signature::By(_), Some(_)) => print::note("signed by the key given"),
            (Signature::By(_), None) => {
                print::note("signed; whose key it is was not checked, since none was given (`--key`)")
            }
            (Signature::None, Some(_)) => bail!("the receipt is not signed"),
            (Signature::None, None) => print::note("not signed"),
        }
        Ok(())
    }
}

fn read(path: &Path) -> Result<(Receipt, Signature)> {
    let text = std::fs::read_to_string(path).with_context(|| format!("failed to read `{}`", path.display()))?;
    let name = path.display();
    if !text.trim_start().starts_with('{') {
        let (receipt, key) =
            recording::check(&text).with_context(|| format!("`{name}` is no receipt to be trusted"))?;
        return Ok((receipt, Signature::By(key)));
    }
    let value: serde_json::Value = serde_json::from_str(&text).with_context(|| format!("`{name}` is no JSON"))?;
    let is_recording = value.get("format").is_some_and(|format| format == FORMAT);
    let receipt = if is_recording { value.get("receipt").cloned().unwrap_or_default() } else { value };
    let receipt = serde_json::from_value(receipt).with_context(|| format!("`{name}` holds no receipt"))?;
    Ok((receipt, Signature::None))
}
