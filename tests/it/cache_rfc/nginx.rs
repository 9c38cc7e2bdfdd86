//! nginx as a caching proxy, with the settings that make it follow the RFC as far as it does.

use super::origin::Origin;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// A running nginx; it ends with this.
pub struct Nginx {
    pub base: String,
    child: Child,
    dir: TempDir,
}

impl Nginx {
    pub async fn start(origin: &Origin) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = dir.path().display();
        let config = format!(
            "daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
             events {{ worker_connections 1024; }}
             http {{
               access_log off; underscores_in_headers on;
               client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
               uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
               proxy_cache_path {folder}/cache levels=1:2 keys_zone=cache:10m max_size=1g inactive=1h;
               server {{
                 listen 127.0.0.1:{port};
                 location / {{
                   proxy_pass http://127.0.0.1:{};
                   proxy_http_version 1.1; proxy_set_header Connection \"\";
                   proxy_cache cache; proxy_cache_revalidate on; proxy_cache_lock on;
                   proxy_cache_use_stale error timeout updating; proxy_cache_background_update on;
                   add_header Age $upstream_http_age;
                 }}
               }}
             }}",
            origin.port
        );
        let file = dir.path().join("nginx.conf");
        std::fs::write(&file, config).unwrap();
        let child = Command::new("nginx")
            .arg("-e")
            .arg(dir.path().join("error.log"))
            .arg("-c")
            .arg(&file)
            .stdin(Stdio::null())
            .spawn()
            .expect("nginx is installed (Debian package nginx)");
        // From here on it is ended whatever happens.
        let nginx = Self { base: format!("http://127.0.0.1:{port}"), child, dir };
        for _ in 0..200 {
            if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return nginx;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!(
            "nginx did not start: {}",
            std::fs::read_to_string(nginx.dir.path().join("error.log")).unwrap_or_default()
        );
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
