# The module of the article (https://github.com/ryota548/tanets) in one file: role, two managed policies, function, rule,
# target, permission. Added, so that it makes what tanets makes: a VPC, the policy that this needs, and the log group.
# Changed, because Lambda no longer takes python3.6: runtime and handler.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {}

variable "name" { type = string }
variable "memory" { type = number }
variable "environment" { type = map(string) }

resource "aws_iam_role" "iam_role" {
  name               = var.name
  assume_role_policy = <<-EOF
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Action": "sts:AssumeRole",
          "Principal": { "Service": "lambda.amazonaws.com" },
          "Effect": "Allow"
        }
      ]
    }
  EOF
}

resource "aws_iam_role_policy_attachment" "iam_policy_es" {
  role       = aws_iam_role.iam_role.id
  policy_arn = "arn:aws:iam::aws:policy/AmazonESReadOnlyAccess"
}

resource "aws_iam_role_policy_attachment" "iam_policy_lambda" {
  role       = aws_iam_role.iam_role.id
  policy_arn = "arn:aws:iam::aws:policy/AWSLambdaExecute"
}

resource "aws_iam_role_policy_attachment" "iam_policy_vpc" {
  role       = aws_iam_role.iam_role.id
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"
}

resource "aws_cloudwatch_log_group" "log_group" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = 30
}

resource "aws_lambda_function" "lambda" {
  function_name    = var.name
  filename         = "${path.module}/lambda.zip"
  source_code_hash = filebase64sha256("${path.module}/lambda.zip")
  role             = aws_iam_role.iam_role.arn
  runtime          = "provided.al2023"
  handler          = "bootstrap"
  memory_size      = var.memory
  timeout          = 60

  environment {
    variables = var.environment
  }

  vpc_config {
    subnet_ids         = ["subnet-0a1", "subnet-0c2"]
    security_group_ids = ["sg-0d3"]
  }

  # Without the first, AWS refuses the function; without the second, the function may make the group before us.
  depends_on = [aws_iam_role_policy_attachment.iam_policy_vpc, aws_cloudwatch_log_group.log_group]
}

resource "aws_cloudwatch_event_rule" "event_rule" {
  name                = var.name
  schedule_expression = "cron(15 1 * * ? *)"
}

resource "aws_cloudwatch_event_target" "event_target" {
  rule = aws_cloudwatch_event_rule.event_rule.name
  arn  = aws_lambda_function.lambda.arn
}

resource "aws_lambda_permission" "allow_execution" {
  statement_id  = "AllowExecutionFromCloudWatch"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.lambda.function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.event_rule.arn
}
