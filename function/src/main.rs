//! The Lambda's binary: three lines around the library.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    tanets_function::lambda::serve().await
}
