using System;
using System.Collections;
using System.Collections.Generic;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Linq;
using ShardSql.Data.Options;

namespace ShardSql.Data;

/// <summary>
/// Builds and reads connection strings. Every keyword and value is checked when it is set; blanks and case of keywords
/// do not matter.
/// </summary>
public sealed partial class ShardSqlConnectionStringBuilder : DbConnectionStringBuilder
{
    private string? _textBeingSet;

    /// <summary>An empty connection string.</summary>
    public ShardSqlConnectionStringBuilder()
    {
    }

    /// <summary>Reads a connection string.</summary>
    /// <exception cref="ArgumentException">An unknown keyword, a value out of range, malformed text.</exception>
    public ShardSqlConnectionStringBuilder(string? connectionString) => ConnectionString = connectionString;

    /// <summary>The connection string as text.</summary>
    [AllowNull]
    public new string ConnectionString
    {
        get => base.ConnectionString;
        set
        {
            // The base class hands keywords over in lower case; errors quote them as they were written.
            _textBeingSet = value;
            try
            {
                base.ConnectionString = value;
            }
            finally
            {
                _textBeingSet = null;
            }
        }
    }

    /// <inheritdoc />
    public override bool IsFixedSize => true;

    /// <inheritdoc />
    public override ICollection Keys => PresentOptions().Select(option => option.Name).ToArray();

    /// <inheritdoc />
    public override ICollection Values => PresentOptions().Select(option => base[option.Name]).ToArray();

    /// <summary>The value of a keyword; setting null takes the keyword away.</summary>
    [AllowNull]
    public override object this[string keyword]
    {
        get => Get(Resolve(keyword));
        set
        {
            ConnectionOption option = Resolve(keyword);
            if (value is null)
            {
                base.Remove(option.Name);
                return;
            }

            string text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            base[option.Name] = option.Normalize(text);
        }
    }

    /// <inheritdoc />
    public override bool ContainsKey(string keyword)
    {
        ArgumentNullException.ThrowIfNull(keyword);
        return ConnectionOptions.Find(keyword) is { } option && base.ContainsKey(option.Name);
    }

    /// <inheritdoc />
    public override bool Remove(string keyword)
    {
        ArgumentNullException.ThrowIfNull(keyword);
        return ConnectionOptions.Find(keyword) is { } option && base.Remove(option.Name);
    }

    /// <inheritdoc />
    public override bool ShouldSerialize(string keyword) =>
        ConnectionOptions.Find(keyword) is { } option && base.ShouldSerialize(option.Name);

    /// <inheritdoc />
    public override bool TryGetValue(string keyword, [NotNullWhen(true)] out object? value)
    {
        ArgumentNullException.ThrowIfNull(keyword);
        if (ConnectionOptions.Find(keyword) is not { } option)
        {
            value = null;
            return false;
        }

        return base.TryGetValue(option.Name, out value);
    }

    private IEnumerable<ConnectionOption> PresentOptions() =>
        ConnectionOptions.All.Where(option => base.ContainsKey(option.Name));

    private ConnectionOption Resolve(string keyword)
    {
        ArgumentNullException.ThrowIfNull(keyword);
        return ConnectionOptions.Find(keyword) ?? throw ConnectionOptions.Unknown(AsWritten(keyword));
    }

    private string AsWritten(string keyword)
    {
        int at = _textBeingSet?.IndexOf(keyword, StringComparison.OrdinalIgnoreCase) ?? -1;
        return at < 0 ? keyword : _textBeingSet!.Substring(at, keyword.Length);
    }

    private string Get(ConnectionOption option) =>
        base.TryGetValue(option.Name, out object? value) ? (string)value : option.Default;

    private int GetNumber(ConnectionOption option) => int.Parse(Get(option), CultureInfo.InvariantCulture);

    private bool GetSwitch(ConnectionOption option) => bool.Parse(Get(option));

    private T GetMember<T>(ConnectionOption option)
        where T : struct, Enum => Enum.Parse<T>(Get(option));

    private void Set(ConnectionOption option, object? value) => this[option.Name] = value;
}
