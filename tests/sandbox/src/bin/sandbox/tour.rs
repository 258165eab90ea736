//! The tour itself, from top to bottom: peers, logs, function, deploy, the digest, destroy.

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use tanets_function::preview::{Window, draw};
use tanets_sandbox::corpus::{Corpus, Recipe};
use tanets_sandbox::interrupt::Interrupt;
use tanets_sandbox::{
    Inbox, Message, Ministack, OPENSEARCH_3, PeerError, SearchServer, build_deployer, build_function,
};

use crate::deployment::{Deployment, LEVELS, NAME, zone};
use crate::digest::verify;
use crate::screen::{BOLD, DIM, Screen};

/// A digest compares with the week before; so much more makes no hole at the edge.
const DAYS: i64 = 15;
/// MiniStack fires `rate(1 minute)` so long after the deploy: a minute, and up to ten seconds for its sweep.
const USUAL: Duration = Duration::from_secs(70);
/// When something must be wrong.
const PATIENCE: Duration = Duration::from_secs(180);
const GLANCE: Duration = Duration::from_millis(200);

/// Everything that runs for the tour; dropped, it ends.
struct Peers {
    ministack: Ministack,
    search: SearchServer,
    inbox: Inbox,
}

/// Shows the product. With `once`, ends after the first digest; else on Ctrl-C.
pub fn tour(once: bool, screen: &Screen, interrupt: &Interrupt) -> Result<(), PeerError> {
    let start = Instant::now();
    if !cfg!(target_os = "linux") {
        let why = "MiniStack runs the function as it would run on Lambda: as a Linux program";
        return Err(
            PeerError::new("looking at this machine", why).hint("use a Linux machine, or WSL on Windows")
        );
    }
    let zone = zone();
    screen.line(format!("{BOLD}tanets sandbox{BOLD:#}  {DIM}{}{DIM:#}", zone.iana_name().unwrap_or("UTC")));
    // Downloads on one side, compilers on the other.
    let (peers, built) = thread::scope(|scope| {
        let building = scope.spawn(|| build(screen));
        let peers = start_peers(screen, &zone);
        (peers, building.join())
    });
    let (peers, corpus) = peers?;
    let (tanets, bootstrap) = built.map_err(|_| PeerError::new("building", "the builder panicked"))??;
    let deployment =
        Deployment::prepare(tanets, &bootstrap, &zone, (&peers.ministack, &peers.search, &peers.inbox))?;

    interrupt.ask_first();
    screen
        .line(format!("\n{BOLD}$ tanets deploy --yes{BOLD:#}  {DIM}{}{DIM:#}", deployment.config.display()));
    let shown = deployment.run(&["deploy", "--yes"]).and_then(|()| {
        screen.line("");
        show(once, screen, interrupt, &deployment, &peers, &corpus, &zone)
    });
    screen.line(format!("\n{BOLD}$ tanets destroy --yes{BOLD:#}"));
    let destroyed = deployment.run(&["destroy", "--yes"]);
    shown.and(destroyed)?;
    drop(peers);
    screen.line(format!("\nEverything is stopped. {DIM}{} s in all{DIM:#}", start.elapsed().as_secs()));
    Ok(())
}

fn build(screen: &Screen) -> Result<(PathBuf, PathBuf), PeerError> {
    let bootstrap = screen.step("function (cargo lambda)", |progress| {
        let bootstrap = build_function(progress)?;
        let size = bootstrap.metadata().map_or(0, |file| file.len());
        Ok((bootstrap, format!("bootstrap, {:.1} MB", size as f64 / 1e6)))
    })?;
    let tanets = screen.step("tanets (cargo build)", |progress| {
        let tanets = build_deployer(progress)?;
        let place = tanets.display().to_string();
        Ok((tanets, place))
    })?;
    Ok((tanets, bootstrap))
}

fn start_peers(screen: &Screen, zone: &TimeZone) -> Result<(Peers, Corpus), PeerError> {
    let inbox = Inbox::start()?;
    let ministack = screen.step("AWS (MiniStack)", |progress| {
        let ministack = Ministack::start(progress)?;
        let url = ministack.url().to_owned();
        Ok((ministack, url))
    })?;
    let search = screen.step("OpenSearch", |progress| {
        let search = SearchServer::start(&OPENSEARCH_3, progress)?;
        let url = search.url().to_owned();
        Ok((search, url))
    })?;
    let corpus = screen.step("two weeks of logs", |progress| {
        let corpus = load(&search, zone, progress)?;
        let detail = format!("{} documents until now", corpus.documents().len());
        Ok((corpus, detail))
    })?;
    Ok((Peers { ministack, search, inbox }, corpus))
}

fn load(search: &SearchServer, zone: &TimeZone, progress: &dyn Fn(&str)) -> Result<Corpus, PeerError> {
    let now = Timestamp::now();
    let last = now.to_zoned(zone.clone()).date();
    let recipe = Recipe { seed: 42, zone: zone.clone(), first: last - DAYS.days(), last, per_day: 2200 };
    let corpus = recipe.generate().until(now);
    for index in corpus.indexes() {
        progress(&format!("loading {index}"));
        search.create_index(&index, &Corpus::mappings())?;
        let documents = corpus.documents().iter().filter(|document| document.index() == index);
        search.bulk(&index, documents.map(|document| document.to_json()))?;
    }
    Ok(corpus)
}

/// Waits for the digest, shows it, and, unless `once`, what to try.
fn show(
    once: bool,
    screen: &Screen,
    interrupt: &Interrupt,
    deployment: &Deployment,
    peers: &Peers,
    corpus: &Corpus,
    zone: &TimeZone,
) -> Result<(), PeerError> {
    let page = peers.inbox.page_url();
    screen.line(format!("{DIM}The Slack inbox is at{DIM:#} {page}"));
    let message = screen.step("the rule fires by itself", |progress| {
        let message = first_message(peers, interrupt, progress)?;
        Ok((message, "and a message arrived".into()))
    });
    let message = match message {
        Err(_) if interrupt.pressed() && !once => return Ok(()),
        message => message?,
    };
    let time = message.at.to_zoned(TimeZone::system()).strftime("%H:%M");
    let beside = format!("{time}  {}", message.channel);
    screen.result(format!("\n{}", draw(&message.username, &beside, &message.payload, Window::default())));
    let (day, truth) = verify(&message, corpus, zone, &LEVELS)?;
    let counts: Vec<_> =
        LEVELS.iter().zip(&truth.levels).map(|(level, count)| format!("{level} {count}")).collect();
    screen.result(format!(
        "{BOLD}The numbers are right:{BOLD:#} on {day} the logs really hold {}, {} in all.",
        counts.join(", "),
        truth.total
    ));
    if !once {
        screen.result(next(deployment, &page));
        linger(screen, interrupt, &peers.inbox);
    }
    Ok(())
}

/// The first message, and the proof that it came from the rule.
fn first_message(
    peers: &Peers,
    interrupt: &Interrupt,
    progress: &dyn Fn(&str),
) -> Result<Message, PeerError> {
    let waiting = |why: String| PeerError::new("waiting for the digest", why);
    let start = Instant::now();
    let message = loop {
        if let Some(message) = peers.inbox.messages().into_iter().next() {
            break message;
        }
        let log = peers.ministack.log().display();
        if let Some(refusal) = peers.inbox.refusals().first() {
            return Err(waiting(format!("Slack would have refused it ({}): {}", refusal.body, refusal.why)));
        }
        if interrupt.pressed() {
            return Err(waiting("interrupted".into()));
        }
        let waited = start.elapsed();
        if waited > PATIENCE {
            let fired = peers.ministack.firings(NAME);
            return Err(waiting(format!(
                "none after {} s; the rule fired {fired} times; see {log}",
                PATIENCE.as_secs()
            )));
        }
        match USUAL.saturating_sub(waited).as_secs() {
            0 => progress("any moment now"),
            left => progress(&format!("rate(1 minute): in about {left} s")),
        }
        thread::sleep(GLANCE);
    };
    // MiniStack may write its log a moment after the function has posted.
    let deadline = Instant::now() + Duration::from_secs(5);
    while peers.ministack.firings(NAME) == 0 {
        if Instant::now() > deadline {
            return Err(waiting("a message came, but no rule has fired".into()));
        }
        thread::sleep(GLANCE);
    }
    Ok(message)
}

fn next(deployment: &Deployment, page: &str) -> String {
    let shell = deployment.shell.display();
    let config = deployment.config.display();
    format!(
        "\n{BOLD}What to try next{BOLD:#}\n\
         \n  See it as Slack shows it:   {page}\n\
         \n  In another terminal:\n\
         \n    . {shell}\
         \n    tanets status            {DIM}# what is there, and when it fires next{DIM:#}\
         \n    tanets doctor            {DIM}# can the function do its work?{DIM:#}\
         \n    tanets plan              {DIM}# nothing to do{DIM:#}\
         \n    $EDITOR {config}\
         \n    tanets plan              {DIM}# after a change: levels, language, schedule, memory{DIM:#}\
         \n    tanets deploy            {DIM}# the next message, within a minute, shows it{DIM:#}\
         \n    tanets destroy           {DIM}# silence{DIM:#}\n\
         \n  Ctrl-C here destroys and stops everything.\n"
    )
}

/// Tells of further messages until Ctrl-C.
fn linger(screen: &Screen, interrupt: &Interrupt, inbox: &Inbox) {
    let mut seen = inbox.messages().len();
    while !interrupt.pressed() {
        for message in inbox.messages().iter().skip(seen) {
            let text = message.payload["text"].as_str().unwrap_or_default();
            screen.line(format!("{DIM}another message: {}{DIM:#}", text.lines().next().unwrap_or_default()));
            seen += 1;
        }
        thread::sleep(GLANCE);
    }
}
