//! Signals to stop.

use super::print;

/// Returns at the first signal; the second one ends the process, whatever is under way.
pub async fn stopped() {
    interrupted().await;
    print::note("finishing requests under way; interrupt again to end them");
    tokio::spawn(async {
        interrupted().await;
        std::process::exit(130);
    });
}

/// Ctrl-C, or the polite signal.
async fn interrupted() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = interrupt => {}
            _ = terminate.recv() => {}
        }
        return;
    }
    let _ = interrupt.await;
}
