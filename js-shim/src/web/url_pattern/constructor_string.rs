//! A pattern written as one string, split into its components (URL Pattern standard section 2.1.4).

use super::Fault;
use super::canonicalize::Canonicalize;
use super::component::{Component, compile};
use super::init::{Init, Name};
use super::parts;
use super::tokenizer::{Kind, Policy, Token, tokenize};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Init,
    Protocol,
    Authority,
    Username,
    Password,
    Hostname,
    Port,
    Pathname,
    Search,
    Hash,
    Done,
}

impl State {
    fn component(self) -> Option<Name> {
        Some(match self {
            State::Protocol => Name::Protocol,
            State::Username => Name::Username,
            State::Password => Name::Password,
            State::Hostname => Name::Hostname,
            State::Port => Name::Port,
            State::Pathname => Name::Pathname,
            State::Search => Name::Search,
            State::Hash => Name::Hash,
            State::Init | State::Authority | State::Done => return None,
        })
    }
}

struct Parser<'a> {
    input: &'a str,
    tokens: Vec<Token<'a>>,
    result: Init,
    start: usize,
    at: usize,
    increment: usize,
    depth: usize,
    brackets: i32,
    special: bool,
    state: State,
}

/// "parse a constructor string". `matches_special` says whether a protocol component matches a special scheme.
pub fn parse(input: &str, matches_special: impl Fn(&Component) -> Result<bool, Fault>) -> Result<Init, Fault> {
    let mut parser = Parser {
        input,
        tokens: tokenize(input, Policy::Lenient)?,
        result: Init::default(),
        start: 0,
        at: 0,
        increment: 1,
        depth: 0,
        brackets: 0,
        special: false,
        state: State::Init,
    };
    while parser.state != State::Done {
        parser.increment = 1;
        parser.step(&matches_special)?;
        parser.at += parser.increment;
    }
    let mut result = parser.result;
    if result.has(Name::Hostname) && !result.has(Name::Port) {
        result.set(Name::Port, String::new());
    }
    Ok(result)
}

impl<'a> Parser<'a> {
    fn step(&mut self, matches_special: &impl Fn(&Component) -> Result<bool, Fault>) -> Result<(), Fault> {
        match self.token(self.at).kind {
            Kind::End => {
                self.end();
                return Ok(());
            }
            Kind::Open => {
                self.depth += 1;
                return Ok(());
            }
            Kind::Close if self.depth > 0 => self.depth -= 1,
            _ if self.depth > 0 => return Ok(()),
            _ => {}
        }
        match self.state {
            State::Init => {
                if self.is(":") {
                    self.rewind(State::Protocol);
                }
            }
            State::Protocol => {
                if self.is(":") {
                    let protocol = compile(self.text(), parts::DEFAULT, Canonicalize::Protocol)?;
                    self.special = matches_special(&protocol)?;
                    let slashes = self.is_at(self.at + 1, "/") && self.is_at(self.at + 2, "/");
                    match (slashes, self.special) {
                        (true, _) => self.change(State::Authority, 3),
                        (false, true) => self.change(State::Authority, 1),
                        (false, false) => self.change(State::Pathname, 1),
                    }
                }
            }
            State::Authority => {
                if self.is("@") {
                    self.rewind(State::Username);
                } else if self.is("/") || self.is_search() || self.is("#") {
                    self.rewind(State::Hostname);
                }
            }
            State::Username => {
                if self.is(":") {
                    self.change(State::Password, 1);
                } else if self.is("@") {
                    self.change(State::Hostname, 1);
                }
            }
            State::Password => {
                if self.is("@") {
                    self.change(State::Hostname, 1);
                }
            }
            State::Hostname => {
                if self.is("[") {
                    self.brackets += 1;
                } else if self.is("]") {
                    self.brackets -= 1;
                } else if self.is(":") && self.brackets == 0 {
                    self.change(State::Port, 1);
                } else {
                    self.after_host();
                }
            }
            State::Port => self.after_host(),
            State::Pathname => self.after_path(),
            State::Search => {
                if self.is("#") {
                    self.change(State::Hash, 1);
                }
            }
            State::Hash | State::Done => {}
        }
        Ok(())
    }

    fn end(&mut self) {
        match self.state {
            State::Init => {
                self.at = self.start;
                if self.is("#") {
                    self.change(State::Hash, 1);
                } else if self.is_search() {
                    self.change(State::Search, 1);
                } else {
                    self.change(State::Pathname, 0);
                }
            }
            State::Authority => self.rewind(State::Hostname),
            _ => self.change(State::Done, 0),
        }
    }

    fn after_host(&mut self) {
        match self.is("/") {
            true => self.change(State::Pathname, 0),
            false => self.after_path(),
        }
    }

    fn after_path(&mut self) {
        if self.is_search() {
            self.change(State::Search, 1);
        } else if self.is("#") {
            self.change(State::Hash, 1);
        }
    }

    /// "get a safe token"
    fn token(&self, at: usize) -> Token<'a> {
        self.tokens[at.min(self.tokens.len() - 1)]
    }

    /// "is a non-special pattern char"
    fn is_at(&self, at: usize, value: &str) -> bool {
        let token = self.token(at);
        token.value == value && matches!(token.kind, Kind::Char | Kind::EscapedChar | Kind::InvalidChar)
    }

    fn is(&self, value: &str) -> bool {
        self.is_at(self.at, value)
    }

    /// A `?` that is no modifier.
    fn is_search(&self) -> bool {
        if self.is("?") {
            return true;
        }
        if self.token(self.at).value != "?" {
            return false;
        }
        let previous = self.at.checked_sub(1).map(|at| self.token(at).kind);
        !matches!(previous, Some(Kind::Name | Kind::Regexp | Kind::Close | Kind::Asterisk))
    }

    /// "make a component string"
    fn text(&self) -> &'a str {
        &self.input[self.token(self.start).index..self.token(self.at).index]
    }

    fn rewind(&mut self, state: State) {
        self.at = self.start;
        self.increment = 0;
        self.state = state;
    }

    fn change(&mut self, state: State, skip: usize) {
        if let Some(name) = self.state.component() {
            self.result.set(name, self.text().to_owned());
        }
        if self.state != State::Init && state != State::Done {
            let (from, to) = (self.state, state);
            if from < State::Hostname && to >= State::Port {
                self.result.set_if_absent(Name::Hostname, "");
            }
            if from < State::Pathname && to >= State::Search {
                self.result.set_if_absent(Name::Pathname, if self.special { "/" } else { "" });
            }
            if from < State::Search && to == State::Hash {
                self.result.set_if_absent(Name::Search, "");
            }
        }
        self.state = state;
        self.at += skip;
        self.start = self.at;
        self.increment = 0;
    }
}
