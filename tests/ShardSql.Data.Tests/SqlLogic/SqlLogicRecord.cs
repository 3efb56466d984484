using System.Collections.Generic;

namespace ShardSql.Data.Tests.SqlLogic;

/// <summary>One record of a script: a statement or a query with what it must give.</summary>
/// <param name="Line">Where it begins.</param>
/// <param name="Sql">The statement.</param>
/// <param name="Types">Of a query a letter for each column: I, R or T; null: a statement.</param>
/// <param name="Fails">Whether a statement must fail.</param>
/// <param name="Sort">nosort, rowsort or valuesort.</param>
/// <param name="Expected">The values, or the line that gives their number and hash.</param>
internal sealed record SqlLogicRecord(
    int Line, string Sql, string? Types, bool Fails, string Sort, IReadOnlyList<string> Expected);
