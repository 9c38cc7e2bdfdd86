//! What of Node.js a worker asked for, by its compatibility flags and date. The rules are workerd's.

use super::CompatibilityDate;

/// Which modules of Node.js there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NodeModules {
    #[default]
    None,
    /// `node:async_hooks` alone.
    AsyncHooks,
    /// Those that are asked for with `node:` before their name.
    Prefixed,
    /// All, with or without `node:`.
    All,
    /// The bundle is for a runtime that has them itself.
    External,
}

/// What of Node.js there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NodeCompat {
    pub modules: NodeModules,
    /// `Buffer`, `process`, `global` and `setImmediate` are global.
    pub globals: bool,
    /// `process.env` has what `env` has.
    pub process_env: bool,
}

const COMPAT: &str = "nodejs_compat";
const COMPAT_V2: &str = "nodejs_compat_v2";
const NO_COMPAT_V2: &str = "no_nodejs_compat_v2";
const ALS: &str = "nodejs_als";
const POPULATE_ENV: &str = "nodejs_compat_populate_process_env";
const KEEP_ENV_EMPTY: &str = "nodejs_compat_do_not_populate_process_env";

/// From this day on, `nodejs_compat` implies `nodejs_compat_v2`.
const V2_BY_DEFAULT: CompatibilityDate = CompatibilityDate::of(2024, 9, 23);
/// From this day on, `nodejs_compat` fills `process.env`.
const ENV_BY_DEFAULT: CompatibilityDate = CompatibilityDate::of(2025, 4, 1);

impl NodeCompat {
    /// Whether the flag is one of those that decide this.
    pub(super) fn knows(flag: &str) -> bool {
        [COMPAT, COMPAT_V2, NO_COMPAT_V2, ALS, POPULATE_ENV, KEEP_ENV_EMPTY].contains(&flag)
    }

    pub fn of(date: CompatibilityDate, flags: &[String]) -> Self {
        let has = |name: &str| flags.iter().any(|flag| flag == name);
        let v2 = has(COMPAT_V2) || (has(COMPAT) && date >= V2_BY_DEFAULT && !has(NO_COMPAT_V2));
        let modules = match (v2, has(COMPAT), has(ALS)) {
            (true, _, _) => NodeModules::All,
            (false, true, _) => NodeModules::Prefixed,
            (false, false, true) => NodeModules::AsyncHooks,
            (false, false, false) => NodeModules::None,
        };
        let process_env = has(POPULATE_ENV) || (date >= ENV_BY_DEFAULT && !has(KEEP_ENV_EMPTY));
        Self { modules, globals: v2, process_env: process_env && (v2 || has(COMPAT)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(date: &str, flags: &[&str]) -> NodeCompat {
        NodeCompat::of(date.parse().unwrap(), &flags.iter().map(|flag| (*flag).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn dates_and_flags_decide_together() {
        let all = NodeCompat { modules: NodeModules::All, globals: true, process_env: true };
        assert_eq!(of("2026-01-01", &[]), NodeCompat::default());
        assert_eq!(of("2026-01-01", &[COMPAT]), all);
        assert_eq!(of("2025-03-31", &[COMPAT]), NodeCompat { process_env: false, ..all });
        assert_eq!(of("2025-03-31", &[COMPAT, POPULATE_ENV]), all);
        assert_eq!(of("2026-01-01", &[COMPAT, KEEP_ENV_EMPTY]), NodeCompat { process_env: false, ..all });
        let first = NodeCompat { modules: NodeModules::Prefixed, globals: false, process_env: false };
        assert_eq!(of("2024-09-22", &[COMPAT]), first);
        assert_eq!(of("2024-09-22", &[COMPAT_V2]).modules, NodeModules::All);
        assert_eq!(of("2026-01-01", &[COMPAT, NO_COMPAT_V2]), NodeCompat { process_env: true, ..first });
        assert_eq!(of("2026-01-01", &[ALS]), NodeCompat { modules: NodeModules::AsyncHooks, ..NodeCompat::default() });
        assert_eq!(of("2026-01-01", &[ALS, COMPAT]), all);
    }
}
