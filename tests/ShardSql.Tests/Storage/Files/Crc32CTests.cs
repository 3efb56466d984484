using System;

using ShardSql.Primitives;

using Xunit;

namespace ShardSql.Tests.Storage.Files;

public sealed class Crc32CTests
{
    [Theory]
    [InlineData("", 0x00000000u)]
    [InlineData("123456789", 0xE3069283u)]
    [InlineData("The quick brown fox jumps over the lazy dog", 0x22620404u)]
    public void Compute_gives_the_known_checksums(string text, uint expected) =>
        Assert.Equal(expected, Crc32C.Compute(System.Text.Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Compute_of_32_zeros_is_that_of_RFC_3720() => Assert.Equal(0x8A9136AAu, Crc32C.Compute(new byte[32]));

    [Fact]
    public void Append_in_any_two_parts_equals_the_whole()
    {
        byte[] bytes = new byte[100];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)(i * 7);
        }

        uint whole = Crc32C.Compute(bytes);
        for (int cut = 0; cut <= bytes.Length; cut++)
        {
            Assert.Equal(whole, Crc32C.Append(Crc32C.Compute(bytes.AsSpan(0, cut)), bytes.AsSpan(cut)));
        }
    }

    [Fact]
    public void Append_of_a_number_equals_its_little_endian_bytes() => Assert.Equal(
        Crc32C.Append(5, [8, 7, 6, 5, 4, 3, 2, 1]), Crc32C.Append(5, 0x0102030405060708UL));
}
