//! The interfaces of `guest-sdk/wit`, for languages whose compilers know nothing of them.

use std::path::Path;

use anyhow::{Context, Result};
use wit_component::StringEncoding;

/// The folder of the interfaces, from the repository's root.
pub const FOLDER: &str = "guest-sdk/wit";

/// The world of every program: what any `wasi:http` host gives a component that answers requests.
pub const WORLD: &str = "wasi:http/proxy@0.2.12";

/// Give a core module the interface types of [`WORLD`], so that it can be made a component.
pub fn embed(module: &mut Vec<u8>, root: &Path) -> Result<()> {
    let mut resolve = new_resolve(wit_component::embed_component_metadata);
    let (package, _) = resolve.push_dir(root.join(FOLDER)).with_context(context)?;
    let world = resolve.select_world(&[package], Some(WORLD)).with_context(context)?;
    wit_component::embed_component_metadata(module, &resolve, world, StringEncoding::UTF8)
        .context("failed to give the module its interface types")
}

/// Write the C bindings of [`WORLD`] into `folder`, and give the names of the files.
pub fn write_c_bindings(root: &Path, folder: &Path) -> Result<Vec<String>> {
    let mut resolve = new_resolve(wit_component::embed_component_metadata);
    let (package, _) = resolve.push_dir(root.join(FOLDER)).with_context(context)?;
    let world = resolve.select_world(&[package], Some(WORLD)).with_context(context)?;
    let mut files = Default::default();
    let mut generator = wit_bindgen_c::Opts::default().build();
    generator.generate(&mut resolve, world, &mut files).context("failed to generate the C bindings")?;
    let mut names = Vec::new();
    for (name, content) in files.iter() {
        std::fs::write(folder.join(name), content).with_context(|| format!("failed to write `{name}`"))?;
        names.push(name.to_owned());
    }
    Ok(names)
}

/// An empty `wit_parser::Resolve`, whose crate is no dependency of this one: the type is taken from a function
/// that asks for it.
fn new_resolve<M, R: Default, W, E, T>(_: fn(M, &R, W, E) -> T) -> R {
    R::default()
}

fn context() -> String {
    format!("failed to read `{FOLDER}`")
}
