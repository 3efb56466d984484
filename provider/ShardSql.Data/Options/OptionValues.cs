using System;
using System.Globalization;

namespace ShardSql.Data.Options;

/// <summary>
/// Checks of connection string values; each gives the canonical text or an error that names the limit.
/// </summary>
internal static class OptionValues
{
    /// <summary>Any text.</summary>
    public static string Text(string value) => value;

    /// <summary>A whole number in a range.</summary>
    public static Func<string, string> Number(string name, int min, int max) => value =>
    {
        if (!int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
            || number < min
            || number > max)
        {
            string range = max == int.MaxValue
                ? string.Create(CultureInfo.InvariantCulture, $"{min} or more")
                : string.Create(CultureInfo.InvariantCulture, $"{min}-{max}");
            throw new ArgumentException($"{name} must be {range}, was {value}");
        }

        return number.ToString(CultureInfo.InvariantCulture);
    };

    /// <summary>True or false, also as yes/no, on/off and 1/0.</summary>
    public static Func<string, string> Switch(string name) => value => value.Trim().ToUpperInvariant() switch
    {
        "TRUE" or "YES" or "ON" or "1" => "True",
        "FALSE" or "NO" or "OFF" or "0" => "False",
        _ => throw new ArgumentException($"{name} must be true or false, was {value}"),
    };

    /// <summary>A member of an enumeration, by name.</summary>
    public static Func<string, string> OneOf<T>(string name)
        where T : struct, Enum => value =>
    {
        string word = value.Replace(" ", "", StringComparison.Ordinal);
        if (word.Equals("Required", StringComparison.OrdinalIgnoreCase))
        {
            word = "Require";
        }

        // Enum.TryParse would also take numbers that no member has.
        return Enum.TryParse(word, ignoreCase: true, out T member) && Enum.IsDefined(member)
            ? member.ToString()
            : throw new ArgumentException(
                $"{name} must be one of {string.Join(", ", Enum.GetNames<T>())}, was {value}");
    };

    /// <summary>Checks each address of a list of servers; the text stays as it is.</summary>
    public static string Servers(string value)
    {
        _ = HostAddress.ParseList(value, HostAddress.DefaultPort);
        return value;
    }
}
