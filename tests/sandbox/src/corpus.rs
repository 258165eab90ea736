//! Application logs as teams have them, the same for the same seed, and the truth about them: counts that owe nothing
//! to the product or to a search server.

mod messages;

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use self::messages::{INCIDENT, MESSAGES, SERVICES};

/// How busy each hour of a local day is, of 100: people buy in the evening, batches run at 3.
const RHYTHM: [u64; 24] =
    [20, 14, 10, 42, 9, 10, 16, 28, 45, 60, 66, 68, 80, 74, 66, 64, 66, 72, 82, 94, 100, 92, 66, 38];
/// One day in so many has an incident.
const INCIDENT_EVERY: u64 = 3;

/// What to generate.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// The same seed gives the same logs.
    pub seed: u64,
    /// The zone of the days and of their rhythm.
    pub zone: TimeZone,
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
    /// Documents of an ordinary weekday; weekends have 60 % of it, incidents add to it.
    pub per_day: u64,
}

/// A log line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Whole milliseconds.
    pub time: Timestamp,
    /// Who wrote it.
    pub service: &'static str,
    /// `Fatal`, `Error`, `Warning` or `Info`.
    pub level: &'static str,
    /// What it says. Its words are what counts: some lines hold the names of two levels, some that of another one.
    pub message: String,
}

/// Generated logs.
#[derive(Clone, Debug)]
pub struct Corpus {
    zone: TimeZone,
    documents: Vec<Document>,
}

/// What a day really holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Truth {
    /// Documents of each level, in the order asked for.
    pub levels: Vec<u64>,
    /// Documents of any of these levels, each counted once.
    pub total: u64,
    /// Each hour of the day from local midnight on: 23, 24 or 25.
    pub hours: Vec<Hour>,
}

/// What an hour really holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hour {
    /// When it begins.
    pub start: Timestamp,
    /// Documents of each level.
    pub levels: Vec<u64>,
    /// Documents of any of them.
    pub total: u64,
}

impl Recipe {
    /// Generates the logs, oldest first. Every day has a Fatal line in its first and in its last millisecond.
    ///
    /// # Panics
    /// For days outside of the calendar that instants cover (years -9999 to 9999).
    pub fn generate(&self) -> Corpus {
        let mut documents = Vec::new();
        for day in self.first.series(jiff::Span::new().days(1)).take_while(|day| *day <= self.last) {
            let random =
                Random(self.seed ^ (day.since(Date::ZERO).map_or(0, |span| span.get_days()) as u64) << 20);
            let (start, end) = bounds(day, &self.zone);
            let before = documents.len();
            self.fill(day, start, end, random, &mut documents);
            documents[before..].sort_by_key(|document: &Document| document.time);
        }
        Corpus { zone: self.zone.clone(), documents }
    }

    fn fill(
        &self,
        day: Date,
        start: Timestamp,
        end: Timestamp,
        mut random: Random,
        into: &mut Vec<Document>,
    ) {
        let length = (end.as_millisecond() - start.as_millisecond()) as u64;
        let at = |offset: u64| start + SignedDuration::from_millis(offset as i64);
        let weekend = day.weekday().to_monday_zero_offset() >= 5;
        let wanted = if weekend { self.per_day * 6 / 10 } else { self.per_day };
        let mut ordinary = 0;
        while ordinary < wanted {
            let time = at(random.below(length));
            if random.below(100) < RHYTHM[time.to_zoned(self.zone.clone()).hour() as usize] {
                into.push(Document::write(time, &mut random));
                ordinary += 1;
            }
        }
        if random.below(INCIDENT_EVERY) == 0 {
            let service = random.pick(SERVICES);
            let begin = random.below(length * 9 / 10);
            for _ in 0..self.per_day / 40 + random.below(self.per_day / 15 + 1) {
                let time = at((begin + random.below(40 * 60 * 1000)).min(length - 1));
                into.push(Document::write_as(random.pick(INCIDENT), service, time, &mut random));
            }
        }
        for (time, service) in [(start, "batch"), (at(length - 1), "payment")] {
            let message = "Fatal: out of memory at the turn of the day".to_owned();
            into.push(Document { time, service, level: "Fatal", message });
        }
    }
}

impl Document {
    fn write(time: Timestamp, random: &mut Random) -> Self {
        let service = random.pick(SERVICES);
        let mut draw = random.below(MESSAGES.iter().map(|(weight, ..)| weight).sum());
        let (_, level, template) = MESSAGES
            .iter()
            .find(|(weight, ..)| {
                let here = draw < *weight;
                draw = draw.saturating_sub(*weight);
                here
            })
            .unwrap_or(&MESSAGES[0]);
        Self::write_as(&(level, template), service, time, random)
    }

    fn write_as(
        (level, template): &(&'static str, &'static str),
        service: &'static str,
        time: Timestamp,
        random: &mut Random,
    ) -> Self {
        let mut parts = template.split("{}");
        let mut message = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            message.push_str(&(random.below(8999) + 1000).to_string());
            message.push_str(part);
        }
        Self { time, service, level, message }
    }

    /// The index it belongs to, such as `app-payment`.
    pub fn index(&self) -> String {
        format!("app-{}", self.service)
    }

    /// What is indexed.
    pub fn to_json(&self) -> Value {
        json!({
            "@timestamp": format!("{:.3}", self.time),
            "service": self.service,
            "level": self.level,
            "message": self.message,
        })
    }

    /// Whether a word of the message is this one, in upper or lower case. Agrees with `match_phrase` on a `text` field
    /// for one-word levels and the messages that are generated here.
    pub fn mentions(&self, level: &str) -> bool {
        self.message
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .any(|word| word.eq_ignore_ascii_case(level))
    }
}

impl Corpus {
    /// Without the documents after an instant.
    #[must_use]
    pub fn until(mut self, now: Timestamp) -> Self {
        self.documents.retain(|document| document.time <= now);
        self
    }

    /// All documents, day by day.
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// The indexes that the documents belong to.
    pub fn indexes(&self) -> BTreeSet<String> {
        self.documents.iter().map(Document::index).collect()
    }

    /// The mappings of these indexes.
    pub fn mappings() -> Value {
        json!({"properties": {
            "@timestamp": {"type": "date"},
            "service": {"type": "keyword"},
            "level": {"type": "keyword"},
            "message": {"type": "text"},
        }})
    }

    /// The truth about a day of the corpus's zone.
    ///
    /// # Panics
    /// For a day outside of the calendar that instants cover.
    pub fn truth(&self, day: Date, levels: &[&str]) -> Truth {
        let (start, end) = bounds(day, &self.zone);
        let count = end.duration_since(start).as_secs().div_euclid(3600);
        let mut truth = Truth { levels: vec![0; levels.len()], total: 0, hours: Vec::new() };
        truth.hours.extend((0..count).map(|hour| Hour {
            start: start + SignedDuration::from_hours(hour),
            levels: vec![0; levels.len()],
            total: 0,
        }));
        for document in self.documents.iter().filter(|document| (start..end).contains(&document.time)) {
            let mut any = 0;
            let hour = document.time.duration_since(start).as_secs() / 3600;
            let hour = &mut truth.hours[hour.min(count - 1) as usize];
            for (index, level) in levels.iter().enumerate() {
                let one = u64::from(document.mentions(level));
                truth.levels[index] += one;
                hour.levels[index] += one;
                any |= one;
            }
            truth.total += any;
            hour.total += any;
        }
        truth
    }
}

/// The instants between which a local day lies.
fn bounds(day: Date, zone: &TimeZone) -> (Timestamp, Timestamp) {
    let begin = |day: Date| day.to_zoned(zone.clone()).map(|zoned| zoned.timestamp());
    begin(day).and_then(|start| Ok((start, begin(day.tomorrow()?)?))).expect("the day is within the calendar")
}

/// SplitMix64: small, and the same on every machine for ever.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`, which is not zero.
    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }
}

#[cfg(test)]
mod tests;
