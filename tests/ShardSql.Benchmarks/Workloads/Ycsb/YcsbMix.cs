using System;

namespace ShardSql.Benchmarks.Workloads.Ycsb;

/// <summary>One of YCSB's core workloads: what share, of 100, each operation has.</summary>
internal sealed record YcsbMix(char Letter, int Read, int Update, int Insert, int Scan, int ReadModifyWrite)
{
    /// <summary>The longest scan.</summary>
    public const int ScanMax = 100;

    /// <summary>A to D and F, then E: the order that YCSB advises, but that all are of one table.</summary>
    public static readonly YcsbMix[] All =
    [
        new('A', Read: 50, Update: 50, Insert: 0, Scan: 0, ReadModifyWrite: 0),
        new('B', Read: 95, Update: 5, Insert: 0, Scan: 0, ReadModifyWrite: 0),
        new('C', Read: 100, Update: 0, Insert: 0, Scan: 0, ReadModifyWrite: 0),
        new('F', Read: 50, Update: 0, Insert: 0, Scan: 0, ReadModifyWrite: 50),
        new('D', Read: 95, Update: 0, Insert: 5, Scan: 0, ReadModifyWrite: 0),
        new('E', Read: 0, Update: 0, Insert: 5, Scan: 95, ReadModifyWrite: 0),
    ];

    /// <summary>Whether what was inserted last is read most.</summary>
    public bool ReadsLatest => Letter == 'D';

    /// <summary>What it is, in the table's words.</summary>
    public string Description => Letter switch
    {
        'A' => "50 % reads, 50 % updates",
        'B' => "95 % reads, 5 % updates",
        'C' => "reads",
        'D' => "95 % reads of the latest, 5 % inserts",
        'E' => "95 % scans, 5 % inserts",
        _ => "50 % reads, 50 % read-modify-writes",
    };

    /// <summary>The operation of a number from 0 to 99.</summary>
    public YcsbOperation OperationOf(int number)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)number, 100u, nameof(number));
        return number < Read ? YcsbOperation.Read
            : number < Read + Update ? YcsbOperation.Update
            : number < Read + Update + Insert ? YcsbOperation.Insert
            : number < Read + Update + Insert + Scan ? YcsbOperation.Scan
            : YcsbOperation.ReadModifyWrite;
    }
}
