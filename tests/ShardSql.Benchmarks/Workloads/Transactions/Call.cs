using System.Collections.Generic;
using System.Data;
using System.Data.Common;

namespace ShardSql.Benchmarks.Workloads.Transactions;

/// <summary>A statement and the values that it is run with.</summary>
internal sealed class Call(Statement statement, IReadOnlyList<object> values)
{
    public Statement Statement => statement;

    /// <summary>Adds the statement's parameters with their types.</summary>
    public static void AddParameters(Statement statement, DbParameterCollection parameters, DbCommand maker)
    {
        foreach ((string name, DbType type) in statement.Parameters)
        {
            DbParameter parameter = maker.CreateParameter();
            parameter.ParameterName = name;
            parameter.DbType = type;
            parameters.Add(parameter);
        }
    }

    /// <summary>Sets the values of parameters that were added before.</summary>
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
