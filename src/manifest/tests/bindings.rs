use super::*;
use crate::route_options::RouteOptions;

fn json_file(text: &str) -> TempDir {
    project(&[("wrangler.jsonc", text), ("worker.js", ""), ("public/index.html", "")])
}

#[test]
fn every_binding_route_and_asset_setting_is_read() {
    let folder = project(&[
        (
            "wrangler.toml",
            r#"
name = "shop"
main = "worker.js"
compatibility_date = "2026-01-01"
workers_dev = false
preview_urls = true
routes = [
  "example.com/shop/*",
  { pattern = "*.example.com/*", zone_name = "example.com" },
  { pattern = "shop.example.com", custom_domain = true },
  { pattern = "old.example.com", custom_domain = true, enabled = false },
]

[assets]
directory = "./public"
binding = "ASSETS"
html_handling = "drop-trailing-slash"
not_found_handling = "404-page"
run_worker_first = ["/api/*", "!/api/docs/*"]

[[kv_namespaces]]
binding = "CACHE"
id = "abc"
preview_id = "def"

[[kv_namespaces]]
binding = "SESSIONS"

[[services]]
binding = "AUTH"
service = "auth-worker"

[version_metadata]
binding = "VERSION"

[secrets]
required = ["API_KEY"]

[limits]
cpu_ms = 50
"#,
        ),
        ("worker.js", ""),
        ("public/index.html", ""),
    ]);
    let manifest = Manifest::load(folder.path(), None).unwrap();
    let bindings = BTreeMap::from([
        ("ASSETS".to_owned(), Binding::Assets),
        ("AUTH".to_owned(), Binding::Service { worker: "auth-worker".to_owned() }),
        ("CACHE".to_owned(), Binding::Kv { id: Some("abc".to_owned()), preview_id: Some("def".to_owned()) }),
        ("SESSIONS".to_owned(), Binding::Kv { id: None, preview_id: None }),
        ("VERSION".to_owned(), Binding::VersionMetadata),
    ]);
    assert_eq!(manifest.bindings, bindings);
    assert_eq!(manifest.required_secrets, ["API_KEY"]);
    let route = |pattern: &str, custom_domain, line, column| Route {
        pattern: pattern.to_owned(),
        custom_domain,
        options: RouteOptions::default(),
        position: Some(Position { line, column }),
    };
    assert_eq!(
        manifest.routes,
        [
            route("example.com/shop/*", false, 8, 3),
            route("*.example.com/*", false, 9, 15),
            route("shop.example.com", true, 10, 15)
        ]
    );
    assert_eq!((manifest.subdomain, manifest.previews), (Some(false), Some(true)));
    let assets = Assets {
        directory: folder.path().canonicalize().unwrap().join("public"),
        html_handling: HtmlHandling::DropTrailingSlash,
        not_found_handling: NotFoundHandling::NotFoundPage,
        run_worker_first: WorkerFirst::Paths(vec!["/api/*".to_owned(), "!/api/docs/*".to_owned()]),
    };
    assert_eq!(manifest.assets, Some(assets));
    assert_eq!(manifest.limit_settings, Settings { cpu_ms: Some(50), ..Settings::default() });
    assert_eq!((manifest.warnings.as_slice(), manifest.unsupported.as_slice()), (&[][..], &[][..]));
    assert!(manifest.require_supported().is_ok());
}

#[test]
fn what_the_file_leaves_out_is_not_made_up() {
    let manifest = Manifest::load(toml("route = \"example.com/*\"").path(), None).unwrap();
    assert_eq!((manifest.subdomain, manifest.previews, manifest.assets), (None, None, None));
    assert_eq!((manifest.bindings.len(), manifest.required_secrets.len()), (0, 0));
    assert_eq!(manifest.routes[0].pattern, "example.com/*");
    assert_eq!((manifest.environment, manifest.environments.len()), (None, 0));
}

#[test]
fn a_worker_may_be_its_assets_alone() {
    // The script with a usual name is what the assets were made from.
    let folder =
        project(&[("wrangler.json", r#"{"assets": {"directory": "dist"}}"#), ("dist/a.js", ""), ("src/index.ts", "")]);
    let manifest = Manifest::load(folder.path(), None).unwrap();
    assert_eq!(manifest.entry, Entry::AssetsOnly);
    assert_eq!(manifest.entry.path(), None);
    assert_eq!(manifest.assets.unwrap().html_handling, HtmlHandling::AutoTrailingSlash);

    assert_eq!(
        error_of(&json_file(
            r#"{"assets": {"directory": "public", "binding": "ASSETS", "run_worker_first": ["/api/*"]}}"#
        )),
        "failed to read manifest `wrangler.jsonc:1:47`: there is no script that could use `env.ASSETS`\n\
         hint: remove it, or add `main`, the path of the worker's script\n\
         failed to read manifest `wrangler.jsonc:1:57`: `assets.run_worker_first` is set, but there is no script to run\n\
         hint: remove it, or add `main`, the path of the worker's script"
    );
}

#[test]
fn assets_that_cannot_be_are_refused() {
    let assets = |fields: &str| format!("main = \"worker.js\"\nassets = {{ {fields} }}");
    let files = |text: &str| project(&[("wrangler.toml", text), ("worker.js", ""), ("public/index.html", "")]);
    let error = |fields: &str| error_of(&files(&assets(fields))).replace("failed to read manifest ", "");
    assert_eq!(
        error("directory = \"dist\""),
        "`wrangler.toml:2:24`: `assets.directory` is \"dist\", and there is no such folder"
    );
    assert_eq!(
        error("directory = \"worker.js\""),
        "`wrangler.toml:2:24`: `assets.directory` is \"worker.js\", which is not a folder"
    );
    assert_eq!(
        error("directory = \"\""),
        "`wrangler.toml:2:24`: `assets.directory` is empty\nhint: fill it in, or leave it out"
    );
    assert_eq!(
        error("binding = \"A\""),
        "`wrangler.toml:2:1`: `assets` has no `directory`\nhint: for example `assets = { directory = \"./public\" }`; with Vite, give the `wrangler.json` that its build makes"
    );
    assert_eq!(
        error("directory = \"public\", html_handling = \"auto-trailing-slashes\""),
        "`wrangler.toml:2:50`: `assets.html_handling` is \"auto-trailing-slashes\", but must be \"auto-trailing-slash\", \
         \"force-trailing-slash\", \"drop-trailing-slash\" or \"none\"\nhint: did you mean \"auto-trailing-slash\"?"
    );
    assert_eq!(
        error("directory = \"public\", run_worker_first = \"/api/*\""),
        "`wrangler.toml:2:53`: `assets.run_worker_first` must be true, false or a list of paths, found the string \"/api/*\"\n\
         hint: for example `run_worker_first = [\"/api/*\"]`"
    );
    assert_eq!(
        error("directory = \"public\", run_worker_first = [\"api/*\", \"/b\", \"/b\"]"),
        "`wrangler.toml:2:54`: `assets.run_worker_first` has the rule \"api/*\", but rules start with \"/\" or \"!/\"\n\
         hint: did you mean \"/api/*\"?\n\
         `wrangler.toml:2:69`: `assets.run_worker_first` has the rule \"/b\" twice\nhint: remove one"
    );
    assert!(
        error("directory = \"public\", run_worker_first = [\"!/a\"]")
            .contains("has no rule that gives the script a path")
    );

    let built = files("build = { command = \"npm run build\" }\nassets = { directory = \"dist\" }");
    assert!(
        error_of(&built).ends_with("and there is no such folder\nhint: does `npm run build` make it? run it first")
    );
}

#[test]
fn assets_that_are_the_project_itself_are_warned_about() {
    let folder = toml(
        "compatibility_date = \"2026-01-01\"\nmain = \"worker.js\"\n[assets]\ndirectory = \".\"\nrun_worker_first = true",
    );
    assert_eq!(
        warnings_of(&folder),
        [
            "manifest `wrangler.toml:5:1`: `assets.run_worker_first` is true, so the script gets every request, and has no binding to the files\n\
             hint: add `binding = \"ASSETS\"` to `assets`",
            "manifest `wrangler.toml:4:13`: `assets.directory` is \".\", which holds the project itself: its source may become public\n\
             hint: put the files into a folder of their own, or name the others in `.assetsignore`",
        ]
    );
}

#[test]
fn bindings_that_cannot_be_are_refused_at_their_place() {
    assert_eq!(
        error_of(&json_file(
            "{\n\"main\": \"worker.js\",\n\"kv_namespaces\": [{ \"binding\": \"MY-KV\", \"id\": \"\" }, { \"id\": \"x\" }, 3],\n\
             \"services\": [{ \"binding\": \"A\", \"service\": \"Auth Worker\" }, { \"binding\": \"B\" }],\n\
             \"version_metadata\": { },\n\"secrets\": { \"required\": [\"api.key\"] },\n\"workers_dev\": \"true\" }"
        ))
        .replace("failed to read manifest ", ""),
        "`wrangler.jsonc:3:32`: `kv_namespaces.binding` is \"MY-KV\", but must be a JavaScript identifier\n\
         hint: for example \"MY_KV\", found as `env.MY_KV`\n\
         `wrangler.jsonc:3:47`: `kv_namespaces.id` is empty\nhint: fill it in, or leave it out\n\
         `wrangler.jsonc:3:53`: a KV namespace has no `binding`\nhint: for example `kv_namespaces = [{ binding = \"CACHE\" }]`\n\
         `wrangler.jsonc:3:68`: `kv_namespaces` must be a list of tables, found the number 3\n\
         hint: for example `kv_namespaces = [{ binding = \"CACHE\" }]`\n\
         `wrangler.jsonc:4:43`: `services.service` is \"Auth Worker\", but a worker's name has 1 to 63 lower-case letters, digits, `-` and `_`, not starting with `-`\n\
         hint: did you mean \"auth-worker\"?\n\
         `wrangler.jsonc:4:60`: a service binding has no `service`\nhint: for example `services = [{ binding = \"AUTH\", service = \"auth-worker\" }]`\n\
         `wrangler.jsonc:5:21`: `version_metadata` has no `binding`\nhint: for example `version_metadata = { binding = \"VERSION\" }`\n\
         `wrangler.jsonc:6:27`: `secrets.required` is \"api.key\", but must be a JavaScript identifier\n\
         hint: for example \"api_key\", found as `env.api_key`\n\
         `wrangler.jsonc:7:16`: `workers_dev` must be true or false, found the string \"true\"\n\
         hint: remove the quotes: `\"workers_dev\": true`"
    );
}

#[test]
fn a_name_that_stands_for_two_things_is_refused() {
    let folder = toml(
        "kv_namespaces = [{ binding = \"X\" }, { binding = \"X\" }]\nsecrets = { required = [\"Y\"] }\nr2_buckets = [{ binding = \"Z\" }]\n\
         [vars]\nY = 1\nZ = 2\n",
    );
    assert_eq!(
        error_of(&folder).replace("failed to read manifest ", ""),
        "`wrangler.toml:1:49`: `X` is a KV namespace, and a KV namespace at line 1\nhint: give each a name of its own\n\
         `wrangler.toml:5:1`: `Y` is a variable, and a required secret at line 2\nhint: give each a name of its own\n\
         `wrangler.toml:6:1`: `Z` is a variable, and an R2 bucket at line 3\nhint: give each a name of its own"
    );
}

#[test]
fn routes_that_cannot_be_are_refused() {
    assert_eq!(
        error_of(&toml("routes = [\"\", 3, { zone_id = \"x\" }, { pattern = \" \" }]"))
            .replace("failed to read manifest ", ""),
        "`wrangler.toml:1:11`: `routes` has an empty pattern\nhint: for example \"example.com/api/*\"\n\
         `wrangler.toml:1:15`: `routes` must be a pattern such as \"example.com/api/*\", or a table with `pattern`, found the number 3\n\
         `wrangler.toml:1:18`: a route has no `pattern`\nhint: for example `{ pattern = \"example.com/api/*\" }`\n\
         `wrangler.toml:1:49`: `routes.pattern` has an empty pattern\nhint: for example \"example.com/api/*\""
    );
    assert!(error_of(&toml("routes = \"a.com/*\"")).ends_with("hint: put it in a list: `routes = [\"a.com/*\"]`"));
    assert!(error_of(&toml("route = [\"a.com/*\"]")).ends_with("hint: name it `routes`"));
    let empty = toml("compatibility_date = \"2026-01-01\"\nroute = \"\"");
    assert_eq!(
        warnings_of(&empty),
        ["manifest `wrangler.toml:2:9`: `route` is empty and has no effect\nhint: remove it"]
    );
}

#[test]
fn what_does_not_exist_here_is_refused_at_deploy_and_can_be_worked_on_without() {
    let folder = project(&[
        (
            "wrangler.toml",
            r#"compatibility_date = "2026-01-01"
define = { A = "1" }
alias = {}
d1_databases = [{ binding = "DB", database_id = "x" }]
services = [{ binding = "RPC", service = "other", entrypoint = "Api" }, { binding = "OLD", service = "other", environment = "staging" }]
queues = { consumers = [{ queue = "jobs" }] }
site = { bucket = "./public" }
[durable_objects]
bindings = [{ name = "ROOM", class_name = "Room" }, { name = "GAME", class_name = "Game" }]
"#,
        ),
        ("worker.js", ""),
    ]);
    let manifest = Manifest::load(folder.path(), None).unwrap();
    assert_eq!(manifest.bindings, BTreeMap::new());
    let error = manifest.require_supported().unwrap_err().to_string();
    let error = error.replace(&format!("{}/", folder.path().display()), "").replace("failed to read manifest ", "");
    assert_eq!(
        error,
        "`wrangler.toml:2:1`: `define` is not supported: names in the script are not replaced\n\
         hint: put the values into `vars`, or into a module that the script imports\n\
         `wrangler.toml:4:29`: `DB` is a D1 database (`d1_databases`), which glowplug does not have\n\
         hint: remove the binding; use a KV namespace, or a database reached with `fetch`\n\
         `wrangler.toml:5:51`: the service binding `RPC` has an `entrypoint`, `Api`: only a worker's default export can be called, with `fetch`\n\
         hint: remove it, and answer what `env.RPC` is asked in the other worker's `fetch`\n\
         `wrangler.toml:5:111`: the service binding `OLD` has an `environment`: each environment is a worker of its own\n\
         hint: remove it, and name that worker: `service = \"other-staging\"`\n\
         `wrangler.toml:7:1`: `site` is not supported: Workers Sites have been replaced by static assets\n\
         hint: replace it by `assets = { directory = \"./public\", binding = \"ASSETS\" }`, and in the script `env.ASSETS.fetch(request)` for `@cloudflare/kv-asset-handler`\n\
         `wrangler.toml:9:22`: `ROOM` is a Durable Object (`durable_objects`), which glowplug does not have\n\
         hint: remove the binding; use a KV namespace where that is enough\n\
         `wrangler.toml:9:62`: `GAME` is a Durable Object (`durable_objects`), which glowplug does not have\n\
         hint: remove the binding; use a KV namespace where that is enough"
    );
    assert_eq!(manifest.unsupported_warnings().len(), 7);
    assert_eq!(
        warnings_of(&folder),
        ["manifest `wrangler.toml:6:1`: `queues` has no effect: glowplug has no such thing"]
    );
}

#[test]
fn a_pages_project_is_told_what_to_write() {
    let folder = project(&[("wrangler.jsonc", r#"{"pages_build_output_dir": "./dist"}"#)]);
    let error = error_of(&folder);
    assert!(
        error.ends_with(
            "`wrangler.jsonc:1:2`: `pages_build_output_dir` is not supported: this is a Pages project\n\
             hint: replace it by `\"assets\": { \"directory\": \"./dist\" }`, with `main` for the script that `functions/` is compiled to, if there is one"
        ),
        "{error}"
    );
}

#[test]
fn a_generated_configuration_that_writes_every_default_out_is_accepted() {
    let folder = json_file(
        r#"{ "configPath": "/x/wrangler.jsonc", "topLevelName": "x", "definedEnvironments": [], "legacy_env": true, "jsx_factory": "React.createElement",
        "jsx_fragment": "React.Fragment", "no_bundle": true, "main": "worker.js", "assets": { "directory": "public" }, "triggers": {}, "define": {},
        "durable_objects": { "bindings": [] }, "queues": { "producers": [], "consumers": [] }, "logfwdr": { "bindings": [] }, "cloudchamber": {},
        "unsafe": {}, "d1_databases": [], "workflows": [], "observability": { "enabled": false }, "compatibility_date": "2026-01-01",
        "rules": [{ "type": "ESModule", "globs": ["**/*.js"] }], "vars": {}, "kv_namespaces": [], "services": [], "env": {} }"#,
    );
    let manifest = Manifest::load(folder.path(), None).unwrap();
    assert_eq!(manifest.unsupported, []);
    let warned: Vec<_> = manifest.warnings.iter().map(|warning| warning.message.split(' ').next().unwrap()).collect();
    assert_eq!(warned, ["`configPath`", "`topLevelName`", "`legacy_env`", "`no_bundle`", "a"]);

    let other = toml("jsx_factory = \"h\"");
    assert_eq!(Manifest::load(other.path(), None).unwrap().unsupported.len(), 1);
}

#[test]
fn a_route_says_where_its_origin_is_and_whether_to_cache() {
    let folder = toml(
        "routes = [{ pattern = \"a.com/*\", cache = true, fail_open = true, origin = \"https://o.example/\" }, \"b.com/*\"]",
    );
    let manifest = Manifest::load(folder.path(), None).unwrap();
    let origin = Some("https://o.example".parse().unwrap());
    let options = RouteOptions { cache: true, fail_open: true, origin, rate_limit: None };
    assert_eq!(manifest.routes[0].options, options);
    assert_eq!(manifest.routes[1].options, RouteOptions::default());

    let limited = toml("routes = [{ pattern = \"a.com/*\", rate_limit = { requests = 5, key = \"cookie:id\" } }]");
    let limit = Manifest::load(limited.path(), None).unwrap().routes[0].options.rate_limit.clone().unwrap();
    assert_eq!((limit.requests.get(), limit.key.to_string()), (5, "cookie:id".to_owned()));
    for (wrong, said) in
        [("{ requests = 0 }", "nonzero"), ("{ requests = 1, key = \"ip\" }", "cookie:NAME"), ("5", "for example")]
    {
        let error = error_of(&toml(&format!("routes = [{{ pattern = \"a.com/*\", rate_limit = {wrong} }}]")));
        assert!(error.contains("`routes.rate_limit`") && error.contains(said), "{error}");
    }
    let closed = error_of(&toml("routes = [{ pattern = \"a.com/*\", fail_open = true }]"));
    assert!(closed.contains("`fail_open` needs an `origin`") && closed.contains("hint: add `origin"), "{closed}");
    let wrong = error_of(&toml("routes = [{ pattern = \"a.com/*\", fail_open = true, origin = \"o.example\" }]"));
    assert!(wrong.contains("origin `o.example`") && !wrong.contains("fail_open"), "{wrong}");
}
