using System;
using System.Collections.Generic;
using ShardSql.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Plans;

/// <summary>What a change of the schema asks of the rows that are there.</summary>
/// <param name="Violations">A query of the rows that stand against it.</param>
/// <param name="Error">What to say of the first of them.</param>
public sealed record DdlCheck(StatementPlan Violations, Func<IReadOnlyList<SqlValue>, SqlException> Error);
