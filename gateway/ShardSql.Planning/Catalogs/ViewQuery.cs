using System.Collections.Generic;
using ShardSql.Sql.Tree;

namespace ShardSql.Planning.Catalogs;

/// <summary>What a view stands for.</summary>
/// <param name="Query">The query as written.</param>
/// <param name="Columns">Names of its first columns.</param>
/// <param name="Text">The query as written; empty where it is not known.</param>
public sealed record ViewQuery(Select Query, IReadOnlyList<ColumnName> Columns, string Text);
