using System.Collections.Generic;
using System.Data;
using System.Data.Common;
using System.Linq;

namespace ShardSql.Benchmarks.Workloads.Transactions;

/// <summary>A text with its typed parameters, the same for every ADO.NET provider.</summary>
internal sealed class Statement
{
    private Statement(string text, bool returnsRows, (string Name, DbType Type)[] parameters)
    {
        Text = text;
        ReturnsRows = returnsRows;
        Parameters = parameters;
    }

    public string Text { get; }

    /// <summary>Whether it has a result, as a query and what is RETURNING have.</summary>
    public bool ReturnsRows { get; }

    /// <summary>In the order of a call's values.</summary>
    public IReadOnlyList<(string Name, DbType Type)> Parameters { get; }

    /// <summary>A statement with a result.</summary>
    public static Statement Query(string text, params (string Name, DbType Type)[] parameters) =>
        new(text, returnsRows: true, parameters);

    /// <summary>A statement that changes rows and gives their number only.</summary>
    public static Statement Change(string text, params (string Name, DbType Type)[] parameters) =>
        new(text, returnsRows: false, parameters);

    /// <summary>An INSERT of so many rows of these columns.</summary>
    public static Statement Insert(string table, IReadOnlyList<(string Name, DbType Type)> columns, int rows)
    {
        string names = string.Join(", ", columns.Select(static column => column.Name));
        string values = string.Join(
            ", ",
            Enumerable.Range(0, rows).Select(
                row => $"({string.Join(", ", columns.Select(column => "@" + ParameterOf(column.Name, row)))})"));
        return new Statement(
            $"INSERT INTO {table} ({names}) VALUES {values}",
            returnsRows: false,
            [
                .. Enumerable.Range(0, rows).SelectMany(
                    row => columns.Select(column => (ParameterOf(column.Name, row), column.Type))),
            ]);
    }

    /// <summary>The statement with values for its parameters, in their order; of exactly their types.</summary>
    public Call With(params object[] values) => new(this, values);

    /// <summary>Adds the parameters, which the command makes, without values.</summary>
    public void AddParameters(DbParameterCollection parameters, DbCommand maker)
    {
        foreach ((string name, DbType type) in Parameters)
        {
            DbParameter parameter = maker.CreateParameter();
            parameter.ParameterName = name;
            parameter.DbType = type;
            parameters.Add(parameter);
        }
    }

    public override string ToString() => Text;

    private static string ParameterOf(string column, int row) => row == 0 ? column : $"{column}_{row}";
}
