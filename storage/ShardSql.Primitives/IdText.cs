using System.Globalization;

namespace ShardSql.Primitives;

/// <summary>Ids as people write them: a letter, which may be left out, and a number.</summary>
internal static class IdText
{
    public static bool TryParse(string text, char letter, out uint value) => uint.TryParse(
        text.StartsWith(letter) || text.StartsWith(char.ToUpperInvariant(letter)) ? text[1..] : text,
        NumberStyles.None,
        CultureInfo.InvariantCulture,
        out value);
}
