# MPS2+ with ARM's FPGA image AN386: a Cortex-M4, as QEMU's mps2-an386 has it.
set(SCEAU_BOARD_CORE "-mcpu=cortex-m4+nofp -mfloat-abi=soft")
set(SCEAU_BOARD_FAMILY mps2)
