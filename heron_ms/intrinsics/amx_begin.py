"""How a kernel begins to use the tile registers of AMX, on whatever thread it runs.

Linux lets a process use them once it has asked, and the configuration belongs to the thread, in
which another library may have put its own. So each tile of results begins with a comparison of the
configuration, of some nanoseconds, and only where that is not the kernel's own follows the request
(of a system call, 0.1 us) and LDTILECFG, which takes twenty times the comparison and zeroes the
registers. Nothing has to be imported or called around the kernel, then.

Nothing in a schedule is last on a thread either, so the configuration stays when the kernel is
done. Others look at what they find: MLAS, of ONNX Runtime, wants 16 rows and 64 bytes everywhere
and loads that where both the rows and the bytes of some register differ from it. Were all of ours
of 64 bytes and some of 14 rows, its next product would be an illegal instruction. So wherever a
tile has fewer rows than 16, one register is in no use.

Sources: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, LDTILECFG (the 64
bytes); Linux Documentation/arch/x86/xstate.rst, ARCH_REQ_XCOMP_PERM.
"""

from __future__ import annotations

REGISTERS = 8
ROWS, ROW = 16, 64
"""Rows of a tile register at most, and the bytes of each."""

A_REGISTER = 7
"""Holds one row of tiles of the left operand at a time."""

LAST_B = 6
"""Holds the first column of the right operand; each further one has the register below."""

MOST_COLUMNS = 3
"""Of tiles of results, so that these, the columns and a row fit: 1 x 3, 2 x 2, up to 6 x 1."""

_LLVM = """
@{name}_config = private unnamed_addr constant [64 x i8] c"{config}", align 64
declare void @llvm.x86.ldtilecfg(ptr)
declare void @llvm.x86.sttilecfg(ptr)
declare i1 @llvm.vector.reduce.or.v16i1(<16 x i1>)

define internal void @{name}_configure() cold noinline {{
  %rc = call i64 asm sideeffect "syscall", "={{rax}},{{rax}},{{rdi}},{{rsi}},~{{rcx}},~{{r11}},\
~{{memory}}"(i64 158, i64 4131, i64 18)
  call void @llvm.x86.ldtilecfg(ptr @{name}_config)
  ret void
}}

define i32 @{name}() alwaysinline {{
  %held = alloca <16 x i32>, align 64
  call void @llvm.x86.sttilecfg(ptr %held)
  %now = load <16 x i32>, ptr %held, align 64
  %wanted = load <16 x i32>, ptr @{name}_config, align 64
  %differ = icmp ne <16 x i32> %now, %wanted
  %any = call i1 @llvm.vector.reduce.or.v16i1(<16 x i1> %differ)
  br i1 %any, label %configure, label %done
configure:
  call void @{name}_configure()
  br label %done
done:
  ret i32 0
}}
"""
"""158 is arch_prctl, 4131 ARCH_REQ_XCOMP_PERM, 18 the state of the tile registers."""


def begin(rows: int, columns: int = 1) -> tuple[str, str]:
    """The name and the LLVM code of the function for tiles of A and C of so many rows.

    Tiles of B, of which there are ``columns``, have all 16. Kernels of several of them may be in
    one module.
    """
    name = f"heron_ms_amx_begin_{rows}_{columns}"
    config = "".join(f"\\{byte:02x}" for byte in _configuration(rows, columns))
    return name, _LLVM.format(name=name, config=config)


def _configuration(rows: int, columns: int) -> bytes:
    """Palette 1; from byte 16 the bytes of a row, two each; from byte 48 the rows."""
    config = bytearray(64)
    config[0] = 1
    # Below the columns of B, and above the results: at most 5 x 1, 2 x 2 or 1 x 3 of them.
    spare = LAST_B - columns if rows < ROWS else None
    for register in range(REGISTERS):
        if register == spare:
            continue
        holds_b = LAST_B - columns < register <= LAST_B
        config[16 + 2 * register] = ROW
        config[48 + register] = ROWS if holds_b else rows
    return bytes(config)
