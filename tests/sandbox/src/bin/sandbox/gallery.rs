//! `cargo sandbox gallery`: the messages of days of every kind, by the function's own library, in the inbox's page: to
//! be read as a person in the channel reads them, and to be photographed.

use std::thread;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde_json::{Value, json};
use tanets_function::environment::Environment;
use tanets_function::error::chain;
use tanets_function::run::Function;
use tanets_function::settings::Settings;
use tanets_sandbox::corpus::{Corpus, Recipe};
use tanets_sandbox::{Inbox, OPENSEARCH_3, PeerError, SearchServer};

use crate::screen::Screen;

/// As long as Lambda would give.
const PATIENCE: Duration = Duration::from_secs(60);

/// A message, and what leads to it.
struct Exhibit {
    about: &'static str,
    language: &'static str,
    index: &'static str,
    zone: &'static str,
    day: &'static str,
    settings: &'static [(&'static str, &'static str)],
}

const KIBANA: (&str, &str) = ("KIBANA_URL", "https://kibana.example.com");
const LINKS: &[(&str, &str)] = &[KIBANA, ("DIGEST_DASHBOARDS", "kibana-9")];
const ALERT: &[(&str, &str)] =
    &[KIBANA, ("DIGEST_DASHBOARDS", "kibana-9"), ("DIGEST_ALERT", "Fatal=100"), ("DIGEST_MENTION", "here")];

const JAPANESE: Exhibit = Exhibit {
    about: "an ordinary day",
    language: "ja",
    index: "shop",
    zone: "Asia/Tokyo",
    day: "2026-11-20",
    settings: LINKS,
};
const ENGLISH: Exhibit = Exhibit { language: "en", ..JAPANESE };

const EXHIBITS: [Exhibit; 12] = [
    JAPANESE,
    ENGLISH,
    Exhibit { about: "an incident", index: "spike", settings: ALERT, ..JAPANESE },
    Exhibit { about: "an incident", index: "spike", settings: ALERT, ..ENGLISH },
    Exhibit { about: "nothing", index: "quiet", ..JAPANESE },
    Exhibit { about: "nothing", index: "quiet", ..ENGLISH },
    Exhibit { about: "the first day", index: "young", ..JAPANESE },
    Exhibit { about: "the first day", index: "young", ..ENGLISH },
    Exhibit {
        about: "a day of 25 hours",
        index: "new-york",
        zone: "America/New_York",
        day: "2026-11-01",
        settings: &[KIBANA, ("UNIT_OF_TIME", "m")],
        ..ENGLISH
    },
    Exhibit { about: "hostile lines", index: "hostile", ..JAPANESE },
    Exhibit { about: "no charts", settings: &[KIBANA, ("DIGEST_CHART", "text")], ..ENGLISH },
    Exhibit { about: "a missing index", index: "nowhere", ..ENGLISH },
];

/// Shows them until Ctrl-C.
///
/// # Errors
/// If a peer does not start, or Slack would refuse a message.
pub fn gallery(screen: &Screen) -> Result<(), PeerError> {
    let inbox = Inbox::start()?;
    let search = screen.step("OpenSearch", |progress| {
        let search = SearchServer::start(&OPENSEARCH_3, progress)?;
        load(&search)?;
        let url = search.url().to_owned();
        Ok((search, url))
    })?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| PeerError::new("preparing the messages", error))?;
    screen.line(format!("{}\n", inbox.page_url()));
    for (number, exhibit) in EXHIBITS.iter().enumerate() {
        let failed = |why: String| PeerError::new(format!("showing {}", exhibit.about), why);
        let (posted, settings) = (inbox.messages().len(), exhibit.settings(&search, &inbox).map_err(failed)?);
        let morning = exhibit.morning().map_err(|error| failed(error.to_string()))?;
        let run = async {
            let function = Function::new(settings, Environment::default());
            let event = json!({"id": number.to_string(), "time": morning.to_string()});
            function.run(&event, Some("7c1f8b1d"), morning, PATIENCE).await
        };
        let outcome = runtime.block_on(run);
        if inbox.messages().len() == posted {
            let why = outcome.err().map(|error| chain(&error)).unwrap_or_default();
            return Err(failed(format!("no message came: {why} {:?}", inbox.refusals())));
        }
        screen.result(format!("{}?only={number}  {}, {}", inbox.page_url(), exhibit.about, exhibit.language));
    }
    loop {
        thread::park();
    }
}

impl Exhibit {
    fn settings(&self, search: &SearchServer, inbox: &Inbox) -> Result<Settings, String> {
        let get = |name: &str| {
            let value = match name {
                "SLACK_WEBHOOK_URL" => return Some(inbox.webhook_url()),
                "ES_ENDPOINT" => search.url(),
                "ES_INDEXES" => self.index,
                "ERROR_LEVEL" => "Fatal,Error,Warning",
                "DIGEST_TIMEZONE" => self.zone,
                "DIGEST_LANGUAGE" => self.language,
                _ => self.settings.iter().find(|(key, _)| *key == name)?.1,
            };
            Some(value.to_owned())
        };
        Settings::from_env(get).map(|(settings, _)| settings).map_err(|error| chain(&error))
    }

    /// A quarter past nine on the day after.
    fn morning(&self) -> Result<Timestamp, jiff::Error> {
        let next = self.day.parse::<Date>()?.tomorrow()?;
        Ok(next.at(9, 15, 0, 0).to_zoned(TimeZone::get(self.zone)?)?.timestamp())
    }
}

fn load(search: &SearchServer) -> Result<(), PeerError> {
    let unknown = |error: jiff::Error| PeerError::new("generating logs", error);
    let generate = |zone: &str, last: &str, days: i64| -> Result<Corpus, jiff::Error> {
        let last: Date = last.parse()?;
        let (zone, first) = (TimeZone::get(zone)?, last.checked_sub(days.days())?);
        Ok(Recipe { seed: 7, zone, first, last, per_day: 2200 }.generate())
    };
    let shop = generate(JAPANESE.zone, JAPANESE.day, 14).map_err(unknown)?;
    let new_york = generate("America/New_York", "2026-11-01", 14).map_err(unknown)?;
    let young = generate(JAPANESE.zone, JAPANESE.day, 0).map_err(unknown)?;
    let lines = |corpus: &Corpus| Vec::from_iter(corpus.documents().iter().map(|line| line.to_json()));
    let quiet = lines(&shop).into_iter().filter(|line| {
        let text = line["message"].as_str().unwrap_or_default().to_lowercase();
        !["fatal", "error", "warning"].iter().any(|level| text.contains(level))
    });
    let noon = JAPANESE.morning().map_err(unknown)? - SignedDuration::from_hours(21);
    let spike = (0..4800_i64).map(|n| {
        let time = noon + SignedDuration::from_millis(n * n / 8);
        line(time, &format!("Fatal: worker {n} lost its lease on shard {}, giving up", n % 16))
    });
    let spike = lines(&shop).into_iter().chain(spike);
    let indexes: [(&str, Vec<Value>); 6] = [
        ("shop", lines(&shop)),
        ("spike", spike.collect()),
        ("quiet", quiet.collect()),
        ("young", lines(&young)),
        ("new-york", lines(&new_york)),
        ("hostile", hostile(noon)),
    ];
    for (index, lines) in indexes {
        search.create_index(index, &Corpus::mappings())?;
        search.bulk(index, lines)?;
    }
    Ok(())
}

fn line(time: Timestamp, message: &str) -> Value {
    json!({"@timestamp": time.to_string(), "message": message})
}

/// What logs hold when somebody, or something, writes into them what they like.
fn hostile(noon: Timestamp) -> Vec<Value> {
    let lines = [
        (9, "Error: <!channel> <!here> <@U012345> please look at <https://evil.example|the runbook>".to_owned()),
        (8, "Error: `code` and ```a block``` & *bold* _italic_ ~strike~ &lt;escaped&gt;".to_owned()),
        (7, format!("Fatal: {}", "A very long line without end. ".repeat(35_000))),
        (6, "Warning: \u{202e}txet tfel-ot-thgir\u{202c} and zero\u{200b}width\u{feff} and 👩‍👩‍👧‍👦🏳️‍🌈 emoji".to_owned()),
        (5, "Error: mail to jane.doe@example.com from 203.0.113.7 with token 8f14e45fceea167a5a36dedd4bea2543 failed".to_owned()),
        (4, "Warning: ユーザー「山田太郎」のカード 4111-1111-1111-1111 が拒否されました".to_owned()),
        (3, "Fatal: java.lang.NullPointerException\n\tat com.example.Shop.buy(Shop.java:42)\n\tat com.example.Main".to_owned()),
    ];
    let many = lines.into_iter().flat_map(|(count, text)| (0..count).map(move |_| text.clone()));
    many.enumerate().map(|(n, text)| line(noon + SignedDuration::from_mins(n as i64), &text)).collect()
}
