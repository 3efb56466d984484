using ShardSql.Planning.Spillover;
using ShardSql.Primitives;
using ShardSql.Sql.Values;

using Xunit;

namespace ShardSql.Tests.Planning.Spillover;

/// <summary>What is kept of a conflict that was settled.</summary>
public sealed class ConflictNoteTests
{
    [Fact]
    public void A_note_isReadAsItWasKept()
    {
        ConflictNote note = ConflictNote.Of(
            [SqlValue.FromText("a"), SqlValue.FromInt64(7)], [SqlValue.Null, SqlValue.FromInt64(3)]);
        Assert.Equal(("a, 7", "NULL, 3"), (note.Winner, note.Loser));
        Assert.Equal(note, ConflictNote.Of(new SpilledRow(-1, [], [], []) { Note = note.ToBytes() }));
    }

    [Theory]
    [InlineData("", 200, 200)]
    [InlineData("", 201, 203)]
    [InlineData("\ud83d\ude00", 199, 202)]
    public void Long_values_areCut_betweenCharacters(string end, int length, int kept)
    {
        string text = ConflictNote.Of([SqlValue.FromText(new string('x', length) + end)], []).Winner;
        Assert.Equal(kept, text.Length);
        Assert.DoesNotContain(text, static c => char.IsSurrogate(c));
    }

    [Fact]
    public void Ids_inOrder_compareAsTheirStatementsWere()
    {
        byte[] high = [0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255];
        byte[] first = DeltaId.InOrder(1_000, 7, high);
        byte[] second = DeltaId.InOrder(1_000, 8, new byte[16]);
        Assert.True(ByteKeyComparer.Instance.Compare(first, second) < 0);
        Assert.Equal((24, 1_000), (first.Length, DeltaId.MicrosecondsOf(first)));
    }
}
