using System;
using System.Collections.Generic;
using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using System.Linq;

namespace ShardSql.Data.Tests.SqlLogic;

/// <summary>Runs the records of a script on one connection.</summary>
internal sealed class SqlLogicRunner(ShardSqlConnection connection, SqlLogicLayout layout)
{
    private const int FailuresShown = 20;

    private static readonly string[] s_views = ["view1", "view2", "view3"];

    /// <summary>Records that gave what they must.</summary>
    public int Passed { get; private set; }

    /// <summary>Records that did not.</summary>
    public int Failed { get; private set; }

    /// <summary>The first of them.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>Runs records until there are no more or the time is over; gives how many were run.</summary>
    public int Run(string file, IReadOnlyList<SqlLogicRecord> records, TimeSpan limit)
    {
        DropTables();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < records.Count; i++)
        {
            if (Stopwatch.GetElapsedTime(start) > limit)
            {
                return i;
            }

            if (SqlLogicExceptions.Reason(file, records[i]) is null)
            {
                Run(file, records[i]);
            }
        }

        return records.Count;
    }

    private void DropTables()
    {
        foreach (string name in s_views)
        {
            Execute($"DROP VIEW IF EXISTS {name}");
        }

        foreach (string name in Names("SELECT table_name FROM shard.tables"))
        {
            Execute($"DROP TABLE \"{name}\"");
        }
    }

    private List<string> Names(string sql)
    {
        using DbCommand command = connection.CreateCommand();
        command.CommandText = sql;
        using DbDataReader reader = command.ExecuteReader();
        return [.. SqlLogicValues.Read(reader, "T").Select(r => r[0])];
    }

    private void Run(string file, SqlLogicRecord record)
    {
        string? failure = record.Types is null ? RunStatement(record) : RunQuery(record);
        if (failure is null)
        {
            Passed++;
            return;
        }

        Failed++;
        if (Failures.Count < FailuresShown)
        {
            Failures.Add(string.Create(CultureInfo.InvariantCulture, $"{file}:{record.Line}: {record.Sql}\n  {failure}"));
        }
    }

    private string? RunStatement(SqlLogicRecord record)
    {
        try
        {
            Execute(SqlLogicPlacement.Apply(layout, record.Sql));
            return record.Fails ? "must fail, and did not" : null;
        }
        catch (DbException e)
        {
            return record.Fails ? null : $"{e.SqlState}: {e.Message}";
        }
    }

    private string? RunQuery(SqlLogicRecord record)
    {
        try
        {
            using DbCommand command = connection.CreateCommand();
            command.CommandText = record.Sql;
            using DbDataReader reader = command.ExecuteReader();
            List<string> values = SqlLogicValues.Sorted(SqlLogicValues.Read(reader, record.Types!), record.Sort);
            return SqlLogicValues.Match(values, record.Expected)
                ? null
                : $"expected {Shown(record.Expected)}, got {Shown(values)} ({SqlLogicValues.Summary(values)})";
        }
        catch (DbException e)
        {
            return $"{e.SqlState}: {e.Message}";
        }
    }

    private static string Shown(IEnumerable<string> values) => string.Join(' ', values.Take(12));

    private void Execute(string sql)
    {
        using DbCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
