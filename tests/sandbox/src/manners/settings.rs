//! Which manners are played, and for how long.

use std::time::Duration;

/// What the proxy does beside recording. Delays of zero are none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Manners {
    /// Refuse what AWS refuses: what its models forbid, its limits, and the order of things.
    pub strict: bool,
    /// How long after its creation a role is unknown to IAM's own readers.
    pub role_unread: Duration,
    /// How long after its creation Lambda cannot assume a role.
    pub role_unseen: Duration,
    /// How long after it was attached Lambda does not see a policy.
    pub attachment_unseen: Duration,
    /// How long a new function is `Pending`.
    pub pending: Duration,
    /// How long an update of a function is `InProgress`.
    pub in_progress: Duration,
}

impl Manners {
    /// Nothing but recording.
    pub const NONE: Self = Self {
        strict: false,
        role_unread: Duration::ZERO,
        role_unseen: Duration::ZERO,
        attachment_unseen: Duration::ZERO,
        pending: Duration::ZERO,
        in_progress: Duration::ZERO,
    };

    /// All of them, short: a deploy takes about half a second longer. `MiniStack` needs half a second for each of its
    /// own states; ours last longer, so that nothing is accepted which AWS would refuse. A new role is read at once, so
    /// that other clients of a scenario need no patience.
    pub const SHORT: Self = Self {
        strict: true,
        role_unread: Duration::ZERO,
        role_unseen: Duration::from_millis(200),
        attachment_unseen: Duration::from_millis(250),
        pending: Duration::from_millis(600),
        in_progress: Duration::from_millis(600),
    };

    /// The same with roles and policies that are visible at once: each write is accepted the first time.
    pub const VISIBLE: Self =
        Self { role_unseen: Duration::ZERO, attachment_unseen: Duration::ZERO, ..Self::SHORT };

    /// Whether Lambda's states and revisions are the proxy's.
    pub(super) fn has_states(&self) -> bool {
        !self.pending.is_zero() || !self.in_progress.is_zero()
    }
}
