using System;
using ShardSql.Benchmarks.Workloads.Transactions;

namespace ShardSql.Benchmarks.Workloads.Ycsb;

/// <summary>What one client does next: an operation of a mix, on a record that is drawn by its rank.</summary>
internal sealed class YcsbDraw(YcsbMix mix, YcsbTable table)
{
    private readonly ZipfianRanks _ranks = new(table.Inserted.Visible);

    /// <summary>Draws an operation.</summary>
    public ITransaction Next(Random random)
    {
        YcsbOperation operation = mix.OperationOf(random.Next(100));
        if (operation == YcsbOperation.Insert)
        {
            long number = table.Inserted.Take();
            return new InsertRecord(table, number, YcsbRecord.ValuesOf(YcsbRecord.KeyOf(number), random));
        }

        long key = NextKey(random);
        int field = random.Next(YcsbRecord.Fields);
        return operation switch
        {
            YcsbOperation.Read => new ReadRecord(key),
            YcsbOperation.Update => new UpdateRecord(key, field, YcsbRecord.ValueOf(key, field, 0, random)),
            YcsbOperation.Scan => new ScanRecords(key, random.Next(1, YcsbMix.ScanMax + 1)),
            _ => new ReadModifyWrite(table, key, field, random),
        };
    }

    private long NextKey(Random random)
    {
        long visible = table.Inserted.Visible;
        _ranks.GrowTo(visible);
        long rank = _ranks.Next(random);
        return YcsbRecord.KeyOf(mix.ReadsLatest ? visible - 1 - rank : rank);
    }
}
