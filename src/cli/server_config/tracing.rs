//! `[tracing]`: traces and logs to a collector of OpenTelemetry.

use crate::telemetry::{TelemetryOptions, Transport};
use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use serde::Deserialize;

/// Settings as they are written.
#[derive(Debug, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TracingSettings {
    /// Collector that traces and logs are sent to by OTLP; the standard `OTEL_*` variables hold too
    #[arg(long, env = "GLOWPLUG_OTLP_ENDPOINT", value_name = "URL")]
    otlp_endpoint: Option<String>,

    /// What OTLP is sent over [default: http]
    #[arg(long, env = "GLOWPLUG_OTLP_PROTOCOL", value_name = "PROTOCOL")]
    otlp_protocol: Option<OtlpProtocol>,

    /// The part of the traces begun here that is sent, from 0 to 1 [default: 1]
    #[arg(long, env = "GLOWPLUG_TRACE_SAMPLE", value_name = "PART")]
    trace_sample: Option<f64>,

    /// Whether console output of workers is sent too.
    #[arg(skip)]
    logs: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
enum OtlpProtocol {
    Http,
    Grpc,
}

impl TracingSettings {
    /// What holds of these flags, the file's settings and the environment; none if nothing is sent.
    pub(super) fn over(
        self,
        file: Self,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<TelemetryOptions>> {
        let variable = |name: &str| environment(name).filter(|value| !value.is_empty());
        let is = |name: &str, value: &str| variable(name).is_some_and(|found| found.eq_ignore_ascii_case(value));
        let endpoint = self.otlp_endpoint.or(file.otlp_endpoint);
        let named =
            ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"];
        let wanted = endpoint.is_some() || named.iter().any(|name| variable(name).is_some());
        if !wanted || is("OTEL_SDK_DISABLED", "true") {
            return Ok(None);
        }
        if let Some(endpoint) = &endpoint
            && !endpoint.parse::<http::Uri>().is_ok_and(|uri| uri.scheme().is_some() && uri.host().is_some())
        {
            bail!(
                "`{}` is no URL of a collector\nhint: write one such as `http://localhost:4318`",
                endpoint.escape_debug()
            );
        }
        let sample = self.trace_sample.or(file.trace_sample);
        if let Some(part) = sample.filter(|part| !(0.0..=1.0).contains(part)) {
            bail!("`{part}` is no part of all traces\nhint: give `trace_sample` a number from 0 to 1");
        }
        let protocol = self.otlp_protocol.or(file.otlp_protocol);
        let grpc = match protocol {
            Some(protocol) => protocol == OtlpProtocol::Grpc,
            None => is("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        };
        Ok(Some(TelemetryOptions {
            endpoint,
            transport: if grpc { Transport::Grpc } else { Transport::Http },
            sample,
            traces: !is("OTEL_TRACES_EXPORTER", "none"),
            logs: file.logs.unwrap_or(true) && !is("OTEL_LOGS_EXPORTER", "none"),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over(file: &str, environment: &[(&str, &str)]) -> Result<Option<TelemetryOptions>> {
        let variable =
            |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        TracingSettings::default().over(toml::from_str(file).unwrap(), variable)
    }

    #[test]
    fn it_is_off_until_there_is_a_collector() {
        assert_eq!(over("trace_sample = 0.5", &[]).unwrap(), None);
        let variable = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://a:4318");
        let options = over("", &[variable]).unwrap().unwrap();
        assert_eq!(
            (options.endpoint, options.transport, options.traces, options.logs),
            (None, Transport::Http, true, true)
        );
        assert_eq!(over("", &[variable, ("OTEL_SDK_DISABLED", "true")]).unwrap(), None);
        let grpc = over("", &[variable, ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"), ("OTEL_LOGS_EXPORTER", "none")]);
        let grpc = grpc.unwrap().unwrap();
        assert_eq!((grpc.transport, grpc.logs), (Transport::Grpc, false));
        let file = over("otlp_endpoint = \"http://c:4317\"\notlp_protocol = \"grpc\"\ntrace_sample = 0.1", &[]);
        let file = file.unwrap().unwrap();
        assert_eq!(
            (file.endpoint.as_deref(), file.transport, file.sample),
            (Some("http://c:4317"), Transport::Grpc, Some(0.1))
        );
        assert!(over("otlp_endpoint = \"collector\"", &[]).unwrap_err().to_string().contains("`collector`"));
        assert!(over("trace_sample = 2.0", &[variable]).unwrap_err().to_string().contains("from 0 to 1"));
    }
}
