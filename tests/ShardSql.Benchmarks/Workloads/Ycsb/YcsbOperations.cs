using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using ShardSql.Benchmarks.Workloads.Transactions;

namespace ShardSql.Benchmarks.Workloads.Ycsb;

/// <summary>Reads all fields of a record.</summary>
internal sealed class ReadRecord(long key) : ITransaction
{
    public bool IsOneStatement => true;

    public async Task<bool> RunAsync(StatementSession session)
    {
        YcsbTable.RequireValues(key, (await session.RunAsync(YcsbTable.Read(key))).Row, first: 0);
        return true;
    }
}

/// <summary>Writes one field of a record.</summary>
internal sealed class UpdateRecord(long key, int field, string value) : ITransaction
{
    public bool IsOneStatement => true;

    public async Task<bool> RunAsync(StatementSession session)
    {
        (await session.RunAsync(YcsbTable.Update(key, field, value))).RequireChanged(1);
        return true;
    }
}

/// <summary>Inserts a record.</summary>
internal sealed class InsertRecord(YcsbTable table, long number, string[] values) : ITransaction
{
    public bool IsOneStatement => true;

    public async Task<bool> RunAsync(StatementSession session)
    {
        (await session.RunAsync(YcsbTable.Insert(YcsbRecord.KeyOf(number), values))).RequireChanged(1);
        return true;
    }

    public void Acknowledge() => table.Inserted.Acknowledge(number);
}

/// <summary>Reads some records from a key on, in the order of keys.</summary>
internal sealed class ScanRecords(long key, int count) : ITransaction
{
    public bool IsOneStatement => true;

    public async Task<bool> RunAsync(StatementSession session)
    {
        IReadOnlyList<object[]> rows = (await session.RunAsync(YcsbTable.Scan(key, count))).Rows;
        if (rows.Count == 0 || rows.Count > count || (long)rows[0][0] != key)
        {
            throw new BenchmarkException($"A scan of {count} records from {key} on gave {rows.Count}, or others.");
        }

        long last = -1;
        foreach (object[] row in rows)
        {
            var at = (long)row[0];
            YcsbTable.RequireValues(at, row, first: 1);
            last = at > last ? at : throw new BenchmarkException($"A scan gave {at} behind {last}.");
        }

        return true;
    }
}

/// <summary>Reads a record, counts a field up and writes it.</summary>
internal sealed class ReadModifyWrite(YcsbTable table, long key, int field, Random random) : ITransaction
{
    public async Task<bool> RunAsync(StatementSession session)
    {
        object[] row = (await session.RunAsync(YcsbTable.Read(key))).Row;
        YcsbTable.RequireValues(key, row, first: 0);
        long counter = YcsbRecord.CounterOf(key, field, (string)row[field]);
        string value = YcsbRecord.ValueOf(key, field, counter + 1, random);
        (await session.RunAsync(YcsbTable.Update(key, field, value))).RequireChanged(1);
        return true;
    }

    public void Acknowledge() => table.Count();
}
