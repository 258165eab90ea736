//! Values that come from outside of the blocks, in Terraform's order; and the functions that are known here.

use std::fs;
use std::path::PathBuf;

use hcl::eval::{Context, Evaluate, FuncArgs, FuncDef, ParamType};
use hcl::{Map, Value};
use hcl_edit::parser::parse_expr;

use super::{File, Term, TerraformError, TopBlock};

/// Where a file of values stands in Terraform's order, by its name; none if Terraform doesn't read it by itself (Terraform
/// documentation, "Variable definition precedence").
pub(super) fn rank(name: &str) -> Option<u8> {
    match name {
        "terraform.tfvars" => Some(0),
        "terraform.tfvars.json" => Some(1),
        _ if name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json") => Some(2),
        _ => None,
    }
}

/// The values of such a file.
pub(super) fn read(path: PathBuf) -> Result<Map<String, Value>, TerraformError> {
    if path.extension().is_some_and(|extension| extension == "json") {
        let text = fs::read(&path).map_err(|source| TerraformError::Read { path: path.clone(), source })?;
        return serde_json::from_slice(&text).map_err(|error| TerraformError::Syntax {
            path,
            line: error.line(),
            column: error.column(),
            // Its own words may have a value in them.
            message: "not an object of JSON".to_owned(),
        });
    }
    let file = File::read(path)?;
    // Terraform takes no references here, so none are known.
    let nothing = Context::new();
    let mut values = Map::new();
    for attribute in file.body.attributes() {
        match hcl::Expression::from(attribute.value.clone()).evaluate(&nothing) {
            Ok(value) => values.insert(attribute.key.to_string(), value),
            Err(_) => return Err(file.refuse(&attribute.value, "a file of values has values only")),
        };
    }
    Ok(values)
}

/// The value that the environment gives a variable: a text, or an expression if its type asks for one.
pub(super) fn of_variable(text: String, variable: &TopBlock<'_>) -> Option<Value> {
    let kind = match variable.entry("type") {
        Some(Term::Expression(_, kind)) => kind
            .as_str()
            .or_else(|| kind.as_variable().map(|kind| kind.as_str()))
            .unwrap_or("other")
            .to_owned(),
        _ => "string".to_owned(),
    };
    if matches!(kind.as_str(), "string" | "number" | "bool") {
        return Some(Value::String(text));
    }
    let expression = parse_expr(text.trim()).ok()?;
    hcl::Expression::from(expression).evaluate(&Context::new()).ok()
}

/// The functions that maps and sets of strings are made with.
pub(super) fn functions() -> Context<'static> {
    let mut context = Context::new();
    let map = || ParamType::object_of(ParamType::Any);
    context.declare_func("merge", FuncDef::builder().variadic_param(map()).build(merge));
    context.declare_func("tomap", FuncDef::builder().param(map()).build(first));
    let list = FuncDef::builder().param(ParamType::array_of(ParamType::Any));
    context.declare_func("toset", list.build(first));
    context.declare_func("trimspace", FuncDef::builder().param(ParamType::String).build(trimspace));
    let join = FuncDef::builder().param(ParamType::String).param(ParamType::array_of(ParamType::String));
    context.declare_func("join", join.build(join_all));
    context
}

fn first(args: FuncArgs) -> Result<Value, String> {
    Ok(args.iter().next().cloned().unwrap_or_default())
}

fn trimspace(args: FuncArgs) -> Result<Value, String> {
    Ok(args[0].as_str().unwrap_or_default().trim().into())
}

fn merge(args: FuncArgs) -> Result<Value, String> {
    let maps = args.iter().filter_map(Value::as_object);
    Ok(Value::Object(maps.flatten().map(|(name, value)| (name.clone(), value.clone())).collect()))
}

fn join_all(args: FuncArgs) -> Result<Value, String> {
    let items = args[1].as_array().into_iter().flatten().filter_map(Value::as_str);
    Ok(Vec::from_iter(items).join(args[0].as_str().unwrap_or_default()).into())
}
