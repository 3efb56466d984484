using System.Collections.Generic;
using ShardSql.Execution.Plans;

namespace ShardSql.Planning.Relations;

/// <summary>A query bound: its operators, and its columns.</summary>
internal sealed record BoundRelation(RelationNode Node, IReadOnlyList<RelationColumn> Columns);
