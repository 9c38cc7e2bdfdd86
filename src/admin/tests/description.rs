//! `docs/openapi.json` says what the code does.

use super::super::error::Code;
use super::super::health::OPENAPI;
use super::*;
use std::collections::BTreeSet;

fn description() -> Value {
    serde_json::from_str(OPENAPI).expect("the description is JSON")
}

#[test]
fn the_description_has_every_route_with_its_scope_and_no_other() {
    let description = description();
    let mut described = BTreeSet::new();
    for (path, operations) in description["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let scope = operation["security"][0]["token"][0].as_str().unwrap_or("none").to_owned();
            described.insert((method.to_uppercase(), path.clone(), scope));
        }
    }
    let routes = ROUTES.iter().map(|route| {
        let scope = match route.access {
            Access::Open => "none",
            Access::Scope(scope) => super::super::auth::name_of(scope),
        };
        (route.method.to_string(), route.path.replace("{*", "{"), scope.to_owned())
    });
    assert_eq!(described, routes.collect());
    assert_eq!(described.len(), ROUTES.len());
    assert_eq!(description["info"]["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn the_description_has_every_code_with_its_status() {
    let description = description();
    let codes = &description["components"]["schemas"]["Error"]["properties"]["error"]["properties"]["code"]["enum"];
    let ours: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(*codes, json!(ours));
    let responses = description["components"]["responses"].as_object().unwrap();
    for (path, operations) in description["paths"].as_object().unwrap() {
        for operation in operations.as_object().unwrap().values() {
            for (status, response) in operation["responses"].as_object().unwrap() {
                let Some(name) = response["$ref"].as_str().and_then(|name| name.rsplit('/').next()) else { continue };
                let text = responses[name]["description"].as_str().unwrap();
                let code = Code::ALL.iter().find(|code| text.starts_with(&format!("`{}`:", code.as_str()))).unwrap();
                assert_eq!(code.status().as_str(), status, "{path}");
            }
        }
    }
}

#[test]
fn every_parameter_of_a_path_is_described() {
    for (path, operations) in description()["paths"].as_object().unwrap() {
        let named: BTreeSet<_> = path.split(['{', '}']).skip(1).step_by(2).map(str::to_owned).collect();
        for (method, operation) in operations.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let described = parameters.iter().filter(|parameter| parameter["in"] == "path");
            let described = described.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect();
            assert_eq!(named, described, "{method} {path}");
        }
    }
}
