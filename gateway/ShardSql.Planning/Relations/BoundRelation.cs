using System.Collections.Generic;

namespace ShardSql.Planning.Relations;

/// <summary>A query bound: its rows, and its columns.</summary>
internal sealed record BoundRelation(RelationRows Rows, IReadOnlyList<RelationColumn> Columns);
