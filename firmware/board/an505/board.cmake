# MPS2+ with ARM's FPGA image AN505: a Cortex-M33 with its secure state, as QEMU's mps2-an505 has it.
set(SCEAU_BOARD_CORE "-mcpu=cortex-m33+nofp -mfloat-abi=soft")
set(SCEAU_BOARD_FAMILY mps2)
set(SCEAU_BOARD_WHOLE ON)  # its image is the one whose bytes are limited
