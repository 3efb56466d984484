using System.Collections.Generic;
using System.Data.Common;

namespace ShardSql.Benchmarks.Workloads.Transactions;

/// <summary>A statement and the values that it is run with.</summary>
internal sealed class Call(Statement statement, IReadOnlyList<object> values)
{
    public Statement Statement => statement;

    /// <summary>Gives the statement's parameters, which were added before, their values.</summary>
    public void SetValues(DbParameterCollection parameters)
    {
        if (values.Count != parameters.Count)
        {
            throw new BenchmarkException($"{values.Count} values for {parameters.Count} parameters: {statement}");
        }

        for (int i = 0; i < values.Count; i++)
        {
            parameters[i].Value = values[i];
        }
    }
}
