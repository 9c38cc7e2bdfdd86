//! Servers and tokens that the user logged in to, in a file that only they may read.
//!
//! ```toml
//! default = "https://deploy.example.com"
//!
//! [servers."https://deploy.example.com"]
//! token = "gp_…"
//! ```

use super::client::{ServerUrl, Token};
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

const FILE: &str = "credentials.toml";

/// What is in the file.
#[derive(Default, Serialize, Deserialize)]
pub struct Credentials {
    /// The server that commands talk to when none is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<String>,
    #[serde(default)]
    servers: BTreeMap<String, Stored>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    token: String,
}

/// `$XDG_CONFIG_HOME/glowplug/credentials.toml`, or what stands for it.
pub fn path() -> Result<PathBuf> {
    let base = std::env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .filter(|dir| dir.is_absolute())
        .or_else(|| std::env::home_dir().filter(|home| home.is_absolute()).map(|home| home.join(".config")));
    match base {
        Some(base) => Ok(base.join("glowplug").join(FILE)),
        None => bail!("there is no home folder to keep credentials in\nhint: set `HOME` or `XDG_CONFIG_HOME`"),
    }
}

impl Credentials {
    /// What is stored at `path`; nothing if there is no file.
    pub fn load(path: &Path) -> Result<Self> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(cause) => return Err(cause).with_context(|| format!("failed to read `{}`", path.display())),
        };
        let mode = fs::metadata(path).map_or(0, |metadata| metadata.permissions().mode()) & 0o777;
        if mode & 0o077 != 0 {
            bail!(
                "the tokens in `{0}` can be read or changed by others (mode {mode:o})\n\
                 hint: run `chmod 600 {0}`, and revoke the tokens if others may have read them",
                path.display()
            );
        }
        toml::from_str(&text).map_err(|cause| {
            // The parser's own text would show the line, and with it a token.
            let line = cause.span().map(|span| text[..span.start.min(text.len())].lines().count().max(1));
            let place = line.map(|line| format!(":{line}")).unwrap_or_default();
            anyhow::anyhow!(
                "failed to read credentials `{}{place}`: {}\nhint: mend the file, or remove it and log in again",
                path.display(),
                cause.message()
            )
        })
    }

    /// Writes the file at `path` anew, whole or not at all, readable by its owner alone.
    pub fn store(&self, path: &Path) -> Result<()> {
        let text = toml::to_string(self).context("failed to encode the credentials")?;
        write_private(path, &text).with_context(|| format!("failed to write `{}`", path.display()))
    }

    /// The token for `server`.
    pub fn token(&self, server: &ServerUrl) -> Option<Token> {
        self.servers.get(server.as_str()).map(|stored| Token::from(stored.token.clone()))
    }

    /// The server that commands talk to when none is named.
    pub fn default_server(&self) -> Option<&str> {
        self.default.as_deref()
    }

    /// All servers with a token.
    pub fn servers(&self) -> impl Iterator<Item = &str> {
        self.servers.keys().map(String::as_str)
    }

    /// Keeps a token; its server becomes the default.
    pub fn insert(&mut self, server: &ServerUrl, token: &Token) {
        self.servers.insert(server.to_string(), Stored { token: token.reveal().to_owned() });
        self.default = Some(server.to_string());
    }

    /// Forgets a server, and says whether it was there. If it was the default, the one that is left becomes it; of
    /// several none does.
    pub fn remove(&mut self, server: &str) -> bool {
        let was_there = self.servers.remove(server).is_some();
        if self.default.as_deref() == Some(server) {
            let mut left = self.servers.keys();
            self.default = left.next().cloned().filter(|_| left.next().is_none());
        }
        was_there
    }
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    // It may be there with the permissions of before, and is nobody else's.
    fs::set_permissions(folder, Permissions::from_mode(0o700))?;
    let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
    // What a crash left behind under this name could have other permissions.
    match fs::remove_file(&temporary) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause),
        _ => {}
    }
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        File::open(folder)?.sync_all()
    };
    write().inspect_err(|_| {
        // It may have been renamed already.
        let _ = fs::remove_file(&temporary);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn credentials_are_kept_private_and_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("glowplug").join(FILE);
        assert!(Credentials::load(&path).unwrap().default_server().is_none());

        let (first, second): (ServerUrl, ServerUrl) =
            ("http://127.0.0.1:1".parse().unwrap(), "https://x.example".parse().unwrap());
        let mut credentials = Credentials::default();
        credentials.insert(&first, &Token::from("gp_a_1".to_owned()));
        credentials.insert(&second, &Token::from("gp_b_2".to_owned()));
        credentials.store(&path).unwrap();
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);

        let mut read = Credentials::load(&path).unwrap();
        assert_eq!(read.default_server(), Some("https://x.example"));
        assert_eq!(read.token(&first).unwrap().reveal(), "gp_a_1");
        assert!(read.remove("https://x.example") && !read.remove("https://x.example"));
        assert_eq!(read.default_server(), Some("http://127.0.0.1:1"));
    }

    #[test]
    fn a_file_that_others_can_read_or_nobody_understands_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE);
        write_private(&path, "default = 1\n[servers.\"x\"]\ntoken = \"gp_a_1\" oops\n").unwrap();
        let error = Credentials::load(&path).err().unwrap().to_string();
        assert!(error.contains("credentials.toml:") && !error.contains("gp_a_1"), "{error}");
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        let error = Credentials::load(&path).err().unwrap().to_string();
        assert!(error.contains("mode 640") && error.contains("chmod 600"), "{error}");
    }
}
