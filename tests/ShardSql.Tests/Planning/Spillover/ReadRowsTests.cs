using System.Linq;
using ShardSql.Planning.Spillover;
using ShardSql.Sql.Values;
using Xunit;

namespace ShardSql.Tests.Planning.Spillover;

/// <summary>Rows that are read much are looked at soon, and not for ever.</summary>
public sealed class ReadRowsTests
{
    private readonly ReadRows _rows = new();

    [Theory]
    [InlineData(ReadRows.ReadsNeeded - 1, 0)]
    [InlineData(ReadRows.ReadsNeeded, 1)]
    [InlineData(ReadRows.ReadsNeeded * 8, 4)]
    public void Look_givesARow_whileItsReadsAreMany(int reads, int looks)
    {
        Read(1, 7, reads);
        int given = 0;
        for (int i = 0; i < 10; i++)
        {
            given += _rows.Look().Count(row => row.Table == 1 && row.Key[0].AsInt64() == 7);
        }

        Assert.Equal(looks, given);
    }

    [Fact]
    public void Look_addsUpWhatComesBetweenLooks()
    {
        int given = 0;
        for (int i = 0; i < 100; i++)
        {
            Read(1, 7, ReadRows.ReadsNeeded / 2 + 1);
            given += _rows.Look().Count;
        }

        Assert.Equal(99, given);
    }

    [Fact]
    public void Look_givesThoseThatAreReadMost_andNoMoreThanItMay()
    {
        for (int row = 0; row < ReadRows.TakenMax * 2; row++)
        {
            Read(row % 2 == 0 ? 1u : 2u, row / 2, ReadRows.ReadsNeeded + row);
        }

        Assert.Equal(
            Enumerable.Range(ReadRows.TakenMax, ReadRows.TakenMax).Reverse().Select(static row => (row % 2 == 0 ? 1u : 2u, (long)(row / 2))),
            _rows.Look().Select(static row => (row.Table, row.Key[0].AsInt64())));
    }

    [Fact]
    public void Add_ofMoreRowsThanAreKnown_takesThemInOnceOthersAreForgotten()
    {
        for (int row = 0; row < ReadRows.RowsMax; row++)
        {
            Read(1, row, 1);
        }

        Read(2, 1, ReadRows.ReadsNeeded);
        Assert.Empty(_rows.Look());
        Read(2, 1, ReadRows.ReadsNeeded);
        Assert.Equal(2u, Assert.Single(_rows.Look()).Table);
    }

    private void Read(uint table, int row, int times)
    {
        for (int i = 0; i < times; i++)
        {
            _rows.Add(table, [SqlValue.FromInt64(row)]);
        }
    }
}
