using System;
using System.Buffers.Binary;
using Google.Protobuf;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Planning.Spillover;

/// <summary>Values of a column as whole numbers of its smallest unit, which quotas are counted in.</summary>
internal static class QuotaUnits
{
    /// <summary>The value, which fits the column's type.</summary>
    public static Int128 Of(SqlValue value, SqlType type) => type.Kind == SqlKind.Decimal
        ? SqlCast.To(value, type, isExplicit: false).AsDecimal() is var exact
            ? exact.Unscaled * Decimal38.PowerOfTen(type.Scale - exact.Scale)
            : default
        : SqlCast.To(value, type, isExplicit: false).AsInt64();

    /// <summary>As it stands in a plan.</summary>
    public static ByteString ToBytes(Int128 units)
    {
        byte[] bytes = new byte[16];
        BinaryPrimitives.WriteInt128BigEndian(bytes, units);
        return UnsafeByteOperations.UnsafeWrap(bytes);
    }
}
