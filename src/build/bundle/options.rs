//! What rolldown is asked to do.

use std::path::Path;

use rolldown::{
    AttachDebugInfo, BundlerOptions, BundlerTransformOptions, ChecksOptions, CodeSplittingMode, Either,
    ExperimentalOptions, InputItem, OutputFormat, Platform, RawMinifyOptions, ResolveOptions, SourceMapType,
};

use super::SCRIPT_NAME;

/// One ES module from `entry`, made for workers.
pub(super) fn rolldown_options(entry: &Path, root: &Path) -> BundlerOptions {
    let strings = |values: &[&str]| Some(values.iter().map(|value| (*value).to_owned()).collect::<Vec<String>>());
    BundlerOptions {
        input: Some(vec![InputItem {
            name: SCRIPT_NAME.strip_suffix(".js").map(str::to_owned),
            import: entry.to_string_lossy().into_owned(),
        }]),
        cwd: Some(root.to_owned()),
        // Paths in the source map are relative to the folder of the output.
        dir: Some(".".to_owned()),
        // The browser's main fields, and its replacements of packages' files; `resolve` adds the rest of what wrangler has.
        platform: Some(Platform::Browser),
        resolve: Some(ResolveOptions {
            condition_names: strings(&["workerd", "worker", "browser", "module"]),
            extensions: strings(&[".tsx", ".ts", ".jsx", ".js", ".mts", ".mjs", ".cts", ".cjs", ".json"]),
            ..ResolveOptions::default()
        }),
        // There is no `process`, yet half of npm asks it this one thing. Always the same answer, so that `dev` runs
        // what is deployed.
        define: Some([("process.env.NODE_ENV".to_owned(), "\"production\"".to_owned())].into_iter().collect()),
        transform: Some(BundlerTransformOptions {
            target: Some(Either::Left("es2024".to_owned())),
            ..BundlerTransformOptions::default()
        }),
        format: Some(OutputFormat::Esm),
        code_splitting: Some(CodeSplittingMode::Bool(false)),
        sourcemap: Some(SourceMapType::Hidden),
        minify: Some(RawMinifyOptions::Bool(false)),
        keep_names: Some(true),
        experimental: Some(ExperimentalOptions {
            attach_debug_info: Some(AttachDebugInfo::None),
            ..ExperimentalOptions::default()
        }),
        checks: Some(ChecksOptions {
            eval: Some(false),
            invalid_annotation: Some(false),
            plugin_timings: Some(false),
            ineffective_dynamic_import: Some(false),
            unsupported_tsconfig_option: Some(false),
            ..ChecksOptions::default()
        }),
        ..BundlerOptions::default()
    }
}
