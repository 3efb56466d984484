using System.Globalization;
using System.Text;

using ShardSql.Primitives;

namespace ShardSql.Tests.Fuzz;

/// <summary>Literals with a taste for the ends of their types.</summary>
internal static class FuzzValues
{
    private static readonly string[] s_integers =
    [
        "0", "1", "2", "127", "32767", "32768", "2147483647", "2147483648", "9223372036854775807",
        "9223372036854775808", "99999999999999999999999999999999999999", "100000000000000000000000000000000000000", "00",
    ];

    private static readonly string[] s_decimals =
    [
        "0.0", "1.5", ".5", "1e0", "1e-15", "2.23e-308", "1.79e308", "1e309", "1e-400", "99999999999999999999.999999999999999",
        "1.", "0.00000000000000000000000000000000000001", "1e2147483648", "12.34",
    ];

    private static readonly string[] s_texts =
    [
        "", "a", "x''y", "%", "_", "\\", "é", "日本", "\U0001F600", "2024-02-29", "0001-01-01", "9999-12-31 23:59:59.999999",
        "24:00:00", "true", "12.5", "not a number", "{}", "[1,2", "00000000-0000-0000-0000-000000000000", "infinity", "NaN",
        "\u0301", "\uFEFF", " ", "\n", "-- no comment", "/* neither */", "@p0",
    ];

    public static string Integer(Prng random) => random.Next(3) == 0
        ? s_integers[random.Next(s_integers.Length)] : random.Next(20).ToString(CultureInfo.InvariantCulture);

    public static string Decimal(Prng random) => random.Next(3) == 0
        ? s_decimals[random.Next(s_decimals.Length)]
        : string.Create(CultureInfo.InvariantCulture, $"{random.Next(50)}.{random.Next(4) * 25}");

    public static string Quoted(Prng random) => $"'{s_texts[random.Next(s_texts.Length)]}'";

    /// <summary>Text of any characters at all, halves of surrogate pairs among them.</summary>
    public static string Noise(Prng random, int length)
    {
        var text = new StringBuilder(length);
        while (text.Length < length)
        {
            text.Append(random.Next(5) switch
            {
                0 => (char)random.Next(0x20, 0x7F),
                1 => (char)random.Next(0x20),
                2 => (char)random.Next(0x80, 0x2100),
                3 => (char)random.Next(0xD800, 0xE000),
                _ => (char)random.Next(0x10000),
            });
        }

        return text.ToString();
    }
}
