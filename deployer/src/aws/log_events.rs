//! The lines of a log group.

use jiff::Timestamp;

use super::{Aws, Error, Explain, found};
use crate::run_log::Line;

impl Aws {
    /// All lines since an instant, in order; `None` if there is no such log group.
    ///
    /// # Errors
    /// If they can't be read.
    pub async fn log_lines(&self, group: &str, since: Timestamp) -> Result<Option<Vec<Line>>, Error> {
        let mut lines = Vec::new();
        let mut token = None;
        loop {
            let call = self.logs.filter_log_events().log_group_name(group);
            let call = call.start_time(since.as_millisecond()).set_next_token(token.clone()).send().await;
            let page = found(call.explain("logs:FilterLogEvents"), "ResourceNotFoundException")?;
            let Some(page) = page else { return Ok(None) };
            // The same token again is the end: asking on would give the same page for ever.
            token = page.next_token.filter(|next| token.as_ref() != Some(next));
            lines.extend(page.events.unwrap_or_default().into_iter().map(|event| Line {
                id: event.event_id.unwrap_or_default(),
                stream: event.log_stream_name.unwrap_or_default(),
                at: Timestamp::from_millisecond(event.timestamp.unwrap_or_default()).unwrap_or_default(),
                text: event.message.unwrap_or_default(),
            }));
            if token.is_none() {
                // Lines of one millisecond keep their order.
                lines.sort_by_key(|line: &Line| line.at);
                return Ok(Some(lines));
            }
        }
    }
}
