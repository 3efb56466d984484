using System.Diagnostics.CodeAnalysis;

[assembly: SuppressMessage(
    "ApiDesign",
    "RS0030",
    Scope = "namespaceanddescendants",
    Target = "~N:ShardSql.Execution.Plans",
    Justification = "Messages generated from plan.proto can hash their strings; nothing here does.")]
