using System.Collections.Generic;
using ShardSql.Sql.Values;

namespace ShardSql.Execution.Relations;

/// <summary>Rows that a run wants of one of its sources.</summary>
/// <param name="Id">By which its rows are supplied.</param>
/// <param name="Source">Which source.</param>
/// <param name="Keys">Only the rows of these keys, each once; null: all rows.</param>
public sealed record RelationStream(int Id, int Source, IReadOnlyList<SqlValue[]>? Keys);
