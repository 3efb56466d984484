using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Reflection;
using System.Text;

namespace ShardSql.Tests.Tidy;

/// <summary>What an assembly shows to others, a line for each type and member, in ordinal order.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>The lines.</summary>
    public static string Describe(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (Type type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"{KindOf(type)} {type.FullName}{BasesOf(type)}\n");
            IEnumerable<string> members = type.GetMembers(Declared).Select(Describe).OfType<string>();
            foreach (string member in members.Order(StringComparer.Ordinal))
            {
                text.Append(CultureInfo.InvariantCulture, $"  {member}\n");
            }
        }

        return text.ToString();
    }

    private static string KindOf(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsValueType: true } => "struct",
        { IsInterface: true } => "interface",
        _ when type.IsSubclassOf(typeof(Delegate)) => "delegate",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsSealed: true } => "sealed class",
        { IsAbstract: true } => "abstract class",
        _ => "class",
    };

    private static string BasesOf(Type type)
    {
        IEnumerable<Type> inherited = type.BaseType?.GetInterfaces() ?? [];
        IEnumerable<Type> bases = type.IsEnum || type.IsSubclassOf(typeof(Delegate)) ? []
            : type.GetInterfaces().Except(inherited).OrderBy(Name, StringComparer.Ordinal)
                .Prepend(type.BaseType is null || type.BaseType == typeof(object) ? typeof(object) : type.BaseType)
                .Where(one => one != typeof(object) && one != typeof(ValueType));
        string list = string.Join(", ", bases.Select(Name));
        return list.Length == 0 ? string.Empty : $" : {list}";
    }

    private static string? Describe(MemberInfo member) => member switch
    {
        FieldInfo { IsSpecialName: false } field when IsVisible(field.Attributes) =>
            field.IsLiteral
                ? string.Create(CultureInfo.InvariantCulture, $"const {Name(field.FieldType)} {field.Name} = {field.GetRawConstantValue()}")
                : $"{(field.IsStatic ? "static " : string.Empty)}{(field.IsInitOnly ? "readonly " : string.Empty)}{Name(field.FieldType)} {field.Name}",
        ConstructorInfo constructor when IsVisible(constructor) => $"{Access(constructor)}.ctor({Parameters(constructor)})",
        MethodInfo { IsSpecialName: false } method when IsVisible(method) =>
            $"{Access(method)}{Modifiers(method)}{Name(method.ReturnType)} {method.Name}{Arguments(method)}({Parameters(method)})",
        PropertyInfo property when Accessors(property) is { Length: > 0 } accessors =>
            $"{Modifiers(property.GetAccessors(nonPublic: true)[0])}{Name(property.PropertyType)} {property.Name}"
            + $"{Index(property)} {{ {accessors} }}",
        EventInfo one when one.AddMethod is { } add && IsVisible(add) => $"{Modifiers(add)}event {Name(one.EventHandlerType!)} {one.Name}",
        _ => null,
    };

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsVisible(FieldAttributes field) =>
        (field & FieldAttributes.FieldAccessMask) is FieldAttributes.Public or FieldAttributes.Family or FieldAttributes.FamORAssem;

    private static string Access(MethodBase method) => method.IsPublic ? string.Empty : "protected ";

    private static string Modifiers(MethodInfo method) =>
        method.IsStatic ? "static "
        : method.GetBaseDefinition() != method ? "override "
        : method.IsAbstract ? "abstract "
        : method is { IsVirtual: true, IsFinal: false } ? "virtual "
        : string.Empty;

    private static string Accessors(PropertyInfo property)
    {
        string get = property.GetMethod is { } getter && IsVisible(getter) ? $"{Access(getter)}get;" : string.Empty;
        string set = property.SetMethod is { } setter && IsVisible(setter)
            ? $"{Access(setter)}{(IsInit(setter) ? "init;" : "set;")}"
            : string.Empty;
        return $"{get} {set}".Trim();
    }

    private static bool IsInit(MethodInfo setter) => setter.ReturnParameter.GetRequiredCustomModifiers()
        .Contains(typeof(System.Runtime.CompilerServices.IsExternalInit));

    private static string Index(PropertyInfo property) => property.GetIndexParameters() is { Length: > 0 } index
        ? $"[{string.Join(", ", index.Select(one => $"{Name(one.ParameterType)} {one.Name}"))}]"
        : string.Empty;

    private static string Arguments(MethodInfo method) => method.IsGenericMethod
        ? $"<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))}>"
        : string.Empty;

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
        $"{(parameter.IsOut ? "out " : string.Empty)}{Name(parameter.ParameterType)} {parameter.Name}"
        + (parameter.HasDefaultValue ? $" = {Default(parameter)}" : string.Empty)));

    private static string Default(ParameterInfo parameter) =>
        Convert.ToString(parameter.RawDefaultValue, CultureInfo.InvariantCulture) is { Length: > 0 } value ? value : "default";

    private static string Name(Type type) =>
        type.IsByRef ? Name(type.GetElementType()!)
        : type.IsArray ? $"{Name(type.GetElementType()!)}[]"
        : type.IsGenericParameter ? type.Name
        : !type.IsGenericType ? type.FullName ?? type.Name
        : type.GetGenericTypeDefinition() == typeof(Nullable<>) ? $"{Name(type.GetGenericArguments()[0])}?"
        : $"{type.GetGenericTypeDefinition().FullName!.Split('`')[0]}"
            + $"<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
}
