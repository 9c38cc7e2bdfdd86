//! Every key of wrangler's configuration, and what becomes of it here.
//!
//! This is the only list: reading, the choice of an environment and `docs/wrangler-compat.md` all go by it, and a
//! test compares the document with it. The keys are those of wrangler 4's published schema, and some that older
//! versions or tools that generate configurations write.

use super::document::{Node, Value};
use super::reader::At;

/// One key.
#[derive(Debug)]
pub(super) struct Key {
    pub name: &'static str,
    pub level: Level,
    /// Where in its value the names of bindings are.
    pub names: Names,
    pub treatment: Treatment,
}

/// How a key at the top level and the same key in an environment go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// An environment has the top level's value unless it gives its own.
    Inherited,
    /// An environment has what it gives itself.
    PerEnvironment,
    /// Has no place in an environment.
    TopOnly,
}

/// Where the names are that a worker finds in its `env`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// There are none.
    Nowhere,
    /// The keys of a table.
    Keys,
    /// This field of a table, or of each table of a list.
    Field(&'static str),
    /// In this list within a table: this field of each table.
    Within(&'static str, &'static str),
    /// The strings of this list within a table.
    Strings(&'static str),
}

/// What becomes of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Treatment {
    /// It does here what it does in wrangler.
    Read,
    /// It does nothing, and a worker that has it runs all the same; why it does nothing.
    Ignored(&'static str),
    /// A worker that has it would not run as its author means: deploying it is refused, `dev` warns.
    Refused {
        /// For bindings what each of them is, with an article; for other keys why they cannot be.
        what: &'static str,
        /// What to do instead; for bindings it goes on after "remove the binding".
        instead: &'static str,
    },
}

use Level::{Inherited, PerEnvironment, TopOnly};
use Names::{Field, Keys, Nowhere, Strings, Within};

const fn read(name: &'static str, level: Level, names: Names) -> Key {
    Key { name, level, names, treatment: Treatment::Read }
}

const fn ignored(name: &'static str, level: Level, why: &'static str) -> Key {
    Key { name, level, names: Nowhere, treatment: Treatment::Ignored(why) }
}

/// A kind of binding that does not exist here; wrangler has it for each environment.
const fn binding(name: &'static str, names: Names, what: &'static str, instead: &'static str) -> Key {
    Key { name, level: PerEnvironment, names, treatment: Treatment::Refused { what, instead } }
}

/// A setting without which the worker would be another one.
const fn refused(name: &'static str, level: Level, what: &'static str, instead: &'static str) -> Key {
    Key { name, level, names: Nowhere, treatment: Treatment::Refused { what, instead } }
}

const BINDING: Names = Field("binding");
const NO_HINT: &str = "";
const GENERATED: &str = "a tool wrote it for wrangler itself";
const ALWAYS_BUNDLED: &str = "the script and all it imports are bundled";
const IMPORT_INSTEAD: &str = "import the file in the script: `import name from \"./file\"`";

/// All keys, in the order of the documentation.
pub(super) const KEYS: &[Key] = &[
    // The worker.
    read("$schema", TopOnly, Nowhere),
    read("name", Inherited, Nowhere),
    read("main", Inherited, Nowhere),
    read("compatibility_date", Inherited, Nowhere),
    read("compatibility_flags", Inherited, Nowhere),
    read("limits", Inherited, Nowhere),
    read("rules", Inherited, Nowhere),
    read("env", TopOnly, Nowhere),
    // What it finds in its `env`.
    read("vars", PerEnvironment, Keys),
    read("secrets", PerEnvironment, Strings("required")),
    read("kv_namespaces", PerEnvironment, BINDING),
    read("services", PerEnvironment, BINDING),
    read("version_metadata", PerEnvironment, BINDING),
    read("assets", Inherited, Nowhere),
    // Where it is reached.
    read("route", Inherited, Nowhere),
    read("routes", Inherited, Nowhere),
    read("workers_dev", Inherited, Nowhere),
    read("preview_urls", Inherited, Nowhere),
    // What else it is called for.
    read("triggers", Inherited, Nowhere),
    read("tail_consumers", PerEnvironment, Nowhere),
    // How it is built.
    ignored("build", Inherited, "glowplug runs no build commands"),
    ignored("no_bundle", Inherited, ALWAYS_BUNDLED),
    ignored("minify", Inherited, "a snapshot holds the compiled script, not its text"),
    ignored("keep_names", Inherited, "names are always kept"),
    ignored("preserve_file_names", Inherited, ALWAYS_BUNDLED),
    ignored("base_dir", Inherited, "no files are added but those that the script imports"),
    refused(
        "find_additional_modules",
        Inherited,
        "no files are added but those that the script imports",
        "import each file by a name that is written out",
    ),
    refused("alias", TopOnly, "imports are not renamed", "use `compilerOptions.paths` in `tsconfig.json`"),
    refused(
        "define",
        PerEnvironment,
        "names in the script are not replaced",
        "put the values into `vars`, or into a module that the script imports",
    ),
    ignored("tsconfig", Inherited, "the nearest `tsconfig.json` above a script is read"),
    refused(
        "jsx_factory",
        Inherited,
        "JSX goes by `tsconfig.json`",
        "set `\"jsx\": \"react\"` and `\"jsxFactory\"` in `tsconfig.json`",
    ),
    refused(
        "jsx_fragment",
        Inherited,
        "JSX goes by `tsconfig.json`",
        "set `\"jsx\": \"react\"` and `\"jsxFragmentFactory\"` in `tsconfig.json`",
    ),
    ignored("upload_source_maps", Inherited, "a worker always carries its source map"),
    ignored("python_modules", Inherited, "workers are JavaScript, TypeScript or components"),
    Key { names: Keys, ..refused("wasm_modules", TopOnly, "a WebAssembly module as a binding", IMPORT_INSTEAD) },
    Key { names: Keys, ..refused("text_blobs", TopOnly, "a text file as a binding", IMPORT_INSTEAD) },
    Key { names: Keys, ..refused("data_blobs", TopOnly, "a data file as a binding", IMPORT_INSTEAD) },
    refused("site", TopOnly, "Workers Sites have been replaced by static assets", NO_HINT),
    refused("pages_build_output_dir", TopOnly, "this is a Pages project", NO_HINT),
    // Bindings that wrangler knows besides.
    binding("ai", BINDING, "a binding to Workers AI", "call a model's API with `fetch`"),
    binding("ai_search", BINDING, "an AI Search instance", NO_HINT),
    binding("ai_search_namespaces", BINDING, "an AI Search namespace", NO_HINT),
    binding("analytics_engine_datasets", BINDING, "an Analytics Engine dataset", "write to the log with `console.log`"),
    binding("artifacts", BINDING, "an Artifacts namespace", NO_HINT),
    binding("browser", BINDING, "a browser", NO_HINT),
    binding("d1_databases", BINDING, "a D1 database", "use a KV namespace, or a database reached with `fetch`"),
    binding("dispatch_namespaces", BINDING, "a dispatch namespace", "use a service binding for each worker"),
    binding(
        "durable_objects",
        Within("bindings", "name"),
        "a Durable Object",
        "use a KV namespace where that is enough",
    ),
    binding("flagship", BINDING, "a Flagship app", NO_HINT),
    binding("hyperdrive", BINDING, "a Hyperdrive configuration", "use a database reached with `fetch`"),
    binding("images", BINDING, "a binding to Cloudflare Images", NO_HINT),
    Key {
        level: Inherited,
        ..binding("logfwdr", Within("bindings", "name"), "a log forwarder", "write to the log with `console.log`")
    },
    binding("media", BINDING, "a binding to Media Transformations", NO_HINT),
    binding("mtls_certificates", BINDING, "an mTLS certificate", NO_HINT),
    binding("pipelines", BINDING, "a pipeline", NO_HINT),
    binding("queues", Within("producers", "binding"), "a queue", NO_HINT),
    binding(
        "r2_buckets",
        BINDING,
        "an R2 bucket",
        "use `assets`, a KV namespace, or object storage reached with `fetch`",
    ),
    binding("ratelimits", Field("name"), "a rate limit", NO_HINT),
    binding("secrets_store_secrets", BINDING, "a secret of the Secrets Store", "use `glowplug secret put`"),
    binding("send_email", Field("name"), "a binding that sends e-mail", "call a mail service's API with `fetch`"),
    binding("stream", BINDING, "a binding to Cloudflare Stream", NO_HINT),
    binding("unsafe", Within("bindings", "name"), "an unsafe binding", NO_HINT),
    binding("unsafe_hello_world", BINDING, "a Hello World binding", NO_HINT),
    binding("vectorize", BINDING, "a Vectorize index", NO_HINT),
    binding("vpc_networks", BINDING, "a VPC network", NO_HINT),
    binding("vpc_services", BINDING, "a VPC service", NO_HINT),
    binding("worker_loaders", BINDING, "a worker loader", NO_HINT),
    binding("workflows", BINDING, "a workflow", NO_HINT),
    refused(
        "containers",
        PerEnvironment,
        "no containers are run",
        "run the container elsewhere, and reach it with `fetch`",
    ),
    refused(
        "cloudchamber",
        PerEnvironment,
        "no containers are run",
        "run the container elsewhere, and reach it with `fetch`",
    ),
    ignored("migrations", Inherited, "there are no Durable Objects"),
    // What happens around it.
    ignored("observability", Inherited, "logs are always there: `glowplug tail`"),
    ignored("logpush", Inherited, "logs are read with `glowplug tail`"),
    ignored("streaming_tail_consumers", PerEnvironment, "logs are read with `glowplug tail`, not sent to workers"),
    ignored("placement", Inherited, "a worker runs on the server it is deployed to"),
    ignored("compliance_region", Inherited, "a worker runs on the server it is deployed to"),
    ignored("cache", Inherited, "there is no setting for it yet"),
    ignored("previews", Inherited, "a preview has what its version has"),
    ignored("dev", TopOnly, "use the flags of `glowplug dev`"),
    ignored("keep_vars", TopOnly, "`vars` are always those of the file"),
    ignored("first_party_worker", Inherited, "it is for Cloudflare's own workers"),
    ignored("account_id", Inherited, "the server is chosen with `glowplug login` or `--server`"),
    ignored("send_metrics", TopOnly, "glowplug reports to nobody"),
    ignored("legacy_env", TopOnly, "each environment is a worker of its own"),
    // Older versions of wrangler, and generated configurations.
    ignored("type", Inherited, "wrangler itself has done without it since version 2"),
    ignored("webpack_config", Inherited, "wrangler itself has done without it since version 2"),
    ignored("zone_id", Inherited, "routes need no zone"),
    ignored("usage_model", Inherited, "it is for Cloudflare's prices"),
    ignored("node_compat", Inherited, "wrangler itself has done without it since version 4"),
    ignored("miniflare", TopOnly, "it is for Miniflare 2"),
    ignored("configPath", TopOnly, GENERATED),
    ignored("userConfigPath", TopOnly, GENERATED),
    ignored("topLevelName", TopOnly, GENERATED),
    ignored("definedEnvironments", TopOnly, GENERATED),
    ignored("targetEnvironment", TopOnly, GENERATED),
];

/// The key called `name`.
pub(super) fn key(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

impl Names {
    /// The names in `node`, in the order of the file. What is not of the right type is passed over.
    pub(super) fn find(self, node: &Node) -> Vec<At<String>> {
        match (self, &node.value) {
            (Keys, Value::Table(table)) => table
                .iter()
                .filter(|entry| entry.node.value != Value::Null)
                .map(|entry| At { value: entry.key.clone(), span: entry.key_span.clone() })
                .collect(),
            (Field(field), Value::Table(_)) => string_at(node, field).into_iter().collect(),
            (Field(field), Value::Array(items)) => items.iter().filter_map(|item| string_at(item, field)).collect(),
            (Within(list, field), Value::Table(_)) => {
                node.get(list).map(|node| Field(field).find(node)).unwrap_or_default()
            }
            (Strings(list), Value::Table(_)) => match node.get(list).map(|node| &node.value) {
                Some(Value::Array(items)) => items.iter().filter_map(string).collect(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }
}

fn string_at(node: &Node, field: &str) -> Option<At<String>> {
    node.get(field).and_then(string)
}

fn string(node: &Node) -> Option<At<String>> {
    match &node.value {
        Value::String(text) => Some(At { value: text.clone(), span: node.span.clone() }),
        _ => None,
    }
}
