use super::*;

fn values(folder: &TempDir, environment: Option<&str>) -> Vec<(String, String)> {
    dev_vars(folder.path(), environment).unwrap().values.into_iter().collect()
}

/// The values of a `.dev.vars` with this text.
fn parsed(text: &str) -> BTreeMap<String, String> {
    dev_vars(project(&[(".dev.vars", text)]).path(), None).unwrap().values
}

fn value(text: &str) -> String {
    parsed(text)["A"].clone()
}

fn problem(folder: &TempDir) -> String {
    let error = dev_vars(folder.path(), None).unwrap_err().to_string();
    error.replace(&format!("{}/", folder.path().display()), "")
}

fn names(folder: &TempDir, files: &[PathBuf]) -> Vec<String> {
    files.iter().map(|file| file.strip_prefix(folder.path()).unwrap().display().to_string()).collect()
}

#[test]
fn dev_vars_of_the_environment_are_read_alone() {
    let folder =
        project(&[(".dev.vars", "A=all\nB=all"), (".dev.vars.staging", "A=staging"), (".env", "A=env\nC=env")]);
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(values(&folder, None), [pair("A", "all"), pair("B", "all")]);
    assert_eq!(values(&folder, Some("staging")), [pair("A", "staging")]);
    assert_eq!(values(&folder, Some("other")), [pair("A", "all"), pair("B", "all")]);
    let read = dev_vars(folder.path(), Some("staging")).unwrap();
    assert_eq!(names(&folder, &read.files), [".dev.vars.staging"]);
    assert_eq!(
        names(&folder, &read.looked_for),
        [".dev.vars.staging", ".dev.vars", ".env", ".env.local", ".env.staging", ".env.staging.local"]
    );
}

#[test]
fn env_files_are_merged_and_expanded() {
    let folder = project(&[
        (
            ".env",
            "HOST=example.com\nURL=https://${HOST}/$PATH_\nPRICE=\\$5\nPORT=${PORT_:-80}${HOST:+!}\nLATER=$Z\nZ=1",
        ),
        (".env.local", "HOST=localhost"),
        (".env.staging", "STAGE=staging"),
        (".env.staging.local", "STAGE=mine\nNEST=${NONE:-${HOST}}"),
    ]);
    let read = dev_vars(folder.path(), Some("staging")).unwrap();
    assert_eq!(names(&folder, &read.files), [".env", ".env.local", ".env.staging", ".env.staging.local"]);
    let expected = [
        ("HOST", "localhost"),
        ("URL", "https://localhost/"),
        ("PRICE", "$5"),
        ("PORT", "80!"),
        ("LATER", ""),
        ("Z", "1"),
        ("STAGE", "mine"),
        ("NEST", "localhost"),
    ];
    assert_eq!(read.values, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    assert_eq!(values(&project(&[]), None), []);
}

#[test]
fn values_are_written_as_in_dotenv() {
    assert_eq!(value("A=b"), "b");
    assert_eq!(value("\u{feff}  export A =  b c  # comment\r\n"), "b c");
    assert_eq!(value("A: b"), "b");
    assert_eq!(value("A="), "");
    assert_eq!(value("A=b#c"), "b");
    assert_eq!(value("A=it's"), "it's");
    assert_eq!(value("A=\"b # c\" # d"), "b # c");
    assert_eq!(value("A='b\\nc'"), "b\\nc");
    assert_eq!(value("A=\"b\\nc\""), "b\nc");
    assert_eq!(value("A=`b \"c\" 'd'`"), "b \"c\" 'd'");
    assert_eq!(value("A='it's'"), "it's");
    assert_eq!(value("A=\"say \\\"b\\\"\""), "say \\\"b\\\"");
    assert_eq!(value("A='C:\\'"), "C:\\");
    assert_eq!(value("A=$HOME"), "$HOME", "only `.env` is expanded");
    assert_eq!(value("A={\"b\": [1, 2]}"), "{\"b\": [1, 2]}");
    let key = "-----BEGIN KEY-----\nabc=\n-----END KEY-----";
    let read = parsed(&format!("# first\n\nA=\"{key}\"\nexport=1\nB.c-d=2\nA2='x\ny'\nB=1\nB=2"));
    assert_eq!(read["A"], key);
    assert_eq!((read["export"].as_str(), read["B.c-d"].as_str(), read["A2"].as_str()), ("1", "2", "x\ny"));
    assert_eq!((read["B"].as_str(), read.len()), ("2", 5));
}

#[test]
fn lines_that_cannot_be_understood_are_named() {
    assert_eq!(
        problem(&project(&[(".dev.vars", "A=1\n  what\n=x\nB=\"x\" y\nC=\"open\nD=1")])),
        "failed to read variables `.dev.vars:2:3`: expected `NAME=value`\nhint: a comment starts with `#`\n\
         failed to read variables `.dev.vars:3:1`: expected `NAME=value`\nhint: a comment starts with `#`\n\
         failed to read variables `.dev.vars:4:1`: there is text after the closing quote\nhint: quote the whole value, or none of it\n\
         failed to read variables `.dev.vars:5:1`: a quoted value has no end\nhint: close the quote; it may be some lines below"
    );
    let folder = project(&[(".env", "")]);
    fs::write(folder.path().join(".env"), b"A=1\nB=\xff").unwrap();
    assert_eq!(problem(&folder), "failed to read variables `.env:2:3`: not UTF-8 text");
}

#[test]
fn values_are_limited_in_size_also_when_they_double_each_other() {
    assert_eq!(value(&format!("A={}", "x".repeat(5 * 1024))).len(), 5 * 1024);
    let error = problem(&project(&[(".dev.vars", &format!("\nA={}", "x".repeat(5 * 1024 + 1)))]));
    assert!(
        error.starts_with("failed to read variables `.dev.vars:2:1`: `A` has 5121 bytes, more than the 5120 allowed")
    );
    let doubling: String = (1..64).map(|n| format!("A{n}=$A{0}$A{0}\n", n - 1)).collect();
    let error = problem(&project(&[(".env", &format!("A0=x\n{doubling}"))]));
    assert!(error.contains("more than the 5120 allowed"), "{error}");
    let deep = format!("A={}{}", "${B:-".repeat(2_000), "}".repeat(2_000));
    assert!(dev_vars(project(&[(".env", &deep)]).path(), None).is_err(), "too long, and not a stack overflow");
}

#[test]
fn required_secrets_are_picked_and_missed() {
    let read = dev_vars(project(&[(".env", "A=1\nB=2")]).path(), None).unwrap();
    let required = ["A".to_owned(), "C".to_owned()];
    assert_eq!(read.secrets(&required), BTreeMap::from([("A".to_owned(), "1".to_owned())]));
    assert_eq!(read.missing(&required), ["C"]);
    assert_eq!(read.secrets(&[]).len(), 2);
}
