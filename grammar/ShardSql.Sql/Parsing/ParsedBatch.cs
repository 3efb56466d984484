using System.Collections.Generic;
using ShardSql.Sql.Tree;

namespace ShardSql.Sql.Parsing;

/// <summary>What a text holds: its statements, none when it is empty or only comments, and the names of its parameters
/// without the @, each once (case ignored), in the order in which they first stand.</summary>
public sealed record ParsedBatch(IReadOnlyList<Statement> Statements, IReadOnlyList<string> ParameterNames);
