//! `tanets init`: answers from flags, and from whoever sits at the terminal, become a tanets.toml. Never overwrites one unasked.

use std::fs::OpenOptions;
use std::io::Write;

use super::secrets;
use crate::cli::{Global, InitArgs};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::init::{DOMAIN, Draft, QUESTIONS};
use crate::view::View;

pub(super) fn init(global: &Global, args: InitArgs, view: &dyn View) -> Result<Exit, Failure> {
    let path = &global.config;
    let exists = || Failure::Exists(path.clone());
    if !args.force && path.exists() {
        return Err(exists());
    }
    let env = |name: &str| std::env::var(name).ok();
    let InitArgs { name, schedule, endpoint, domain, indexes, levels, webhook, timezone, force } = args;
    let answers = [name, schedule, endpoint, indexes, levels, webhook];
    let more = [(DOMAIN.key, domain), ("digest.timezone", timezone)];
    let more = more.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
    let mut draft = Draft { answers, more };
    let asks = super::somebody_is_there();
    let mut missing = Vec::new();
    for (question, answer) in QUESTIONS.iter().zip(&mut draft.answers) {
        match answer {
            // The whole file is checked below, with all that is wrong.
            Some(_) => {}
            None if asks => *answer = Some(view.ask(question, &env).ok_or(Failure::NotConfirmed)?),
            None => missing.push(question.flag),
        }
    }
    if draft.needs_domain(&env) {
        match asks {
            true => draft.more.push((DOMAIN.key, view.ask(&DOMAIN, &env).ok_or(Failure::NotConfirmed)?)),
            false => missing.push(DOMAIN.flag),
        }
    }
    if !missing.is_empty() {
        return Err(Failure::Unanswered(missing));
    }
    let text = draft.text();
    let config = Config::parse(&text, path, &env)?;
    view.hide(&secrets(&config));
    config.warnings.iter().for_each(|warning| view.warning(warning));
    let unwritten = |source| Failure::Write { path: path.clone(), source };
    let file = match force {
        true => OpenOptions::new().write(true).create(true).truncate(true).open(path),
        // Somebody may have made it while the questions were asked.
        false => OpenOptions::new().write(true).create_new(true).open(path),
    };
    let mut file = file.map_err(unwritten)?;
    file.write_all(text.as_bytes()).map_err(unwritten)?;
    view.written(path, &config);
    Ok(Exit::Done)
}
