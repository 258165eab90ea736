//! Tells each call to AWS in one line: operation, attempt, time. Never a body or a header.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};

/// Where the lines go.
#[derive(Clone)]
pub struct CallLog(Arc<dyn Fn(String) + Send + Sync>);

impl CallLog {
    /// A log that hands each line to `sink`.
    pub fn new(sink: impl Fn(String) + Send + Sync + 'static) -> Self {
        Self(Arc::new(sink))
    }

    /// Tells a call: `status` is the answer's, `None` where there is no answer.
    pub(super) fn tell(&self, service: &str, operation: &str, status: Option<u16>, begun: Instant) {
        let answer = status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        (self.0)(format!("{service} {operation}: {answer} in {} ms", begun.elapsed().as_millis()));
    }
}

impl fmt::Debug for CallLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallLog")
    }
}

#[derive(Debug)]
struct Begun(Instant);

impl Storable for Begun {
    type Storer = StoreReplace<Self>;
}

#[dyn_dispatch_hint]
impl Intercept for CallLog {
    fn name(&self) -> &'static str {
        "CallLog"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        bag.interceptor_state().store_put(Begun(Instant::now()));
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let (service, operation) =
            bag.load::<Metadata>().map_or(("AWS", "call"), |call| (call.service(), call.name()));
        let begun = bag.load::<Begun>().map_or_else(Instant::now, |begun| begun.0);
        self.tell(service, operation, context.response().map(|answer| answer.status().as_u16()), begun);
        Ok(())
    }
}
